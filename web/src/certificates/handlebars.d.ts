// The parser alone: what templates say is walked over here, never made into code.
declare module 'handlebars/dist/cjs/handlebars/compiler/base.js' {
  export function parse(template: string): import('./syntax').Program
}
