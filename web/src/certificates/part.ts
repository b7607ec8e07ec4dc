import { lazy } from 'react'
import type { DeskPart } from '../app/part'
import { PrintingKeeper } from './PrintingKeeper'

export const part: DeskPart = {
  Provider: PrintingKeeper,
  routes: [{ path: '/records/:id/print', page: lazy(() => import('./PrintPage')) }],
}
