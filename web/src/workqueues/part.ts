import { lazy } from 'react'
import type { DeskPart } from '../app/part'
import { LiveQueues } from './LiveQueues'
import { QueueNavigation } from './QueueNavigation'

export const part: DeskPart = {
  routes: [{ path: '/queues/:slug', page: lazy(() => import('./QueuePage')) }],
  Navigation: QueueNavigation,
  Provider: LiveQueues,
}
