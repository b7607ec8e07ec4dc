import { lazy } from 'react'
import type { DeskPart } from '../app/part'
import { OutboxBadge } from './OutboxBadge'
import { OutboxNavigation } from './OutboxNavigation'
import { OutboxProvider } from './OutboxProvider'

export const part: DeskPart = {
  routes: [{ path: '/outbox', page: lazy(() => import('./OutboxPage')) }],
  Navigation: OutboxNavigation,
  Badge: OutboxBadge,
  Provider: OutboxProvider,
}
