import { lazy } from 'react'
import type { DeskPart } from '../app/part'
import { Navigation } from './Navigation'

const page = (name: 'DeclarePage' | 'EditPage' | 'CorrectPage') =>
  lazy(async () => ({ default: (await import('./pages'))[name] }))

export const part: DeskPart = {
  routes: [
    { path: '/records/new', page: lazy(() => import('./NewRecordPage')), scopes: ['record.create'] },
    { path: '/records/:recordId/declare', page: page('DeclarePage') },
    { path: '/records/:recordId/edit', page: page('EditPage') },
    { path: '/records/:recordId/correct', page: page('CorrectPage') },
    { path: '/drafts', page: lazy(() => import('./DraftsPage')) },
  ],
  Navigation,
}
