// The syntax tree of a template, as Handlebars' own parser gives it.

export interface PathExpression {
  type: 'PathExpression'
  original: string
  parts: string[]
  depth: number
  data: boolean
}

interface Literal {
  type: 'StringLiteral' | 'NumberLiteral' | 'BooleanLiteral' | 'UndefinedLiteral' | 'NullLiteral'
  value?: string | number | boolean
}

export interface Call {
  path: PathExpression | Literal
  params: Expression[]
  hash?: { pairs: { key: string; value: Expression }[] }
}

export type Expression = PathExpression | Literal | (Call & { type: 'SubExpression' })

export type Statement =
  | { type: 'ContentStatement'; value: string }
  | { type: 'CommentStatement' }
  | (Call & { type: 'MustacheStatement' })
  | (Call & { type: 'BlockStatement'; program?: Program; inverse?: Program })
  | { type: 'PartialStatement' | 'PartialBlockStatement' | 'DecoratorBlock' | 'Decorator' }

export interface Program {
  body: Statement[]
  blockParams?: string[]
}
