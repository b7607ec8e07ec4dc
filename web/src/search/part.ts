import { lazy } from 'react'
import type { DeskPart } from '../app/part'
import { SearchNavigation } from './SearchNavigation'

export const part: DeskPart = {
  routes: [{ path: '/search', page: lazy(() => import('./SearchPage')), scopes: ['record.search'] }],
  Navigation: SearchNavigation,
}
