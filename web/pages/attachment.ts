/** Headers of something to be saved under its own name, whatever script that is in (RFC 6266, RFC 8187). */
export function attachment(name: string, bytes?: number): Record<string, string> {
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return {
    'content-disposition': `attachment; filename*=UTF-8''${encoded}`,
    ...(bytes !== undefined && { 'content-length': String(bytes) }),
  }
}
