import { lazy } from 'react'
import type { DeskPart } from '../app/part'

export const part: DeskPart = {
  routes: [
    { path: '/records/:id', page: lazy(() => import('./RecordPage')) },
    { path: '/records/:id/duplicates', page: lazy(() => import('./DuplicatesPage')) },
  ],
}
