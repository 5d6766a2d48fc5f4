const TEXTS = {
  installing: {
    zh: '行汇：首次使用，正在安装运行环境（约半分钟，只需一次）…',
    en: 'Hanghui: first use, installing the runtime (about half a minute, once)…',
  },
  progress: { zh: '  已就绪 {done}/{total} 个组件，{seconds} 秒', en: '  {done} of {total} packages, {seconds} s' },
  installed: { zh: '行汇：运行环境已就绪（{seconds} 秒）。', en: 'Hanghui: runtime ready ({seconds} s).' },
  waiting: {
    zh: '行汇：另一个进程正在准备这份代码，等待它完成…',
    en: 'Hanghui: another process is preparing this clone; waiting for it…',
  },
  noNpm: {
    zh: '行汇：找不到 npm。请安装 Node.js 20 或更高版本（附带 npm），然后重新执行同一命令。',
    en: 'Hanghui: npm was not found. Install Node.js 20 or newer (npm comes with it) and give the same command again.',
  },
  installFailed: {
    zh: '行汇：安装失败（npm 退出码 {code}，原因见上）。请检查网络与软件源设置，然后重新执行同一命令。',
    en: 'Hanghui: the install failed (npm exit code {code}, reason above). Check the network and the registry npm uses, then give the same command again.',
  },
  notWritable: {
    zh: '行汇：当前用户无权写入 {path}。请由这份代码的所有者执行一次同一命令完成准备，之后任何用户都可使用。',
    en: 'Hanghui: this user may not write {path}. Let the owner of this clone give the same command once; after that any user can.',
  },
  noRuntime: {
    zh: '行汇：{platform} 没有随项目提供的运行环境，请安装 Node.js 26 或更高版本（当前 {version}），然后重新执行同一命令。',
    en: 'Hanghui: no runtime comes with the project for {platform}; install Node.js 26 or newer (this is {version}) and give the same command again.',
  },
}

/** The language for people: HANGHUI_LANG, then the locale; Chinese for `zh*`, else English. */
function chooseLanguage(env) {
  const wanted = env.HANGHUI_LANG || env.LC_ALL || env.LC_MESSAGES || env.LANG || ''
  return wanted.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

/** One sentence of this table in the reader's language, `{name}` replaced by the facts. */
export function sayIn(name, facts = {}, env = process.env) {
  return TEXTS[name][chooseLanguage(env)].replace(/\{(\w+)\}/g, (_, key) => String(facts[key]))
}
