import { lazy } from 'react'
import type { DeskPart } from '../app/part'
import { ConsoleNavigation as Navigation } from './ConsoleNavigation'
import * as scopes from './scopes'

export const part: DeskPart = {
  Navigation,
  routes: [
    {
      path: '/console',
      page: lazy(() => import('./overview/OverviewPage')),
      scopes: scopes.CONSOLE,
    },
    {
      path: '/console/deliveries',
      page: lazy(() => import('./deliveries/DeliveriesPage')),
      scopes: scopes.READ_DELIVERIES,
    },
    {
      path: '/console/deliveries/sendings',
      page: lazy(() => import('./deliveries/SendingsPage')),
      scopes: scopes.READ_DELIVERIES,
    },
    {
      path: '/console/deliveries/:deliveryId',
      page: lazy(() => import('./deliveries/DeliveryPage')),
      scopes: scopes.READ_DELIVERIES,
    },
    {
      path: '/console/pending',
      page: lazy(() => import('./pending/PendingPage')),
      scopes: scopes.SEE_PENDING,
    },
    {
      path: '/console/pending/:actionId',
      page: lazy(() => import('./pending/PendingActionPage')),
      scopes: scopes.SEE_PENDING,
    },
    {
      path: '/console/clients',
      page: lazy(() => import('./clients/ClientsPage')),
      scopes: scopes.CLIENTS,
    },
    {
      path: '/console/clients/new',
      page: lazy(() => import('./clients/NewClientPage')),
      scopes: scopes.CLIENTS,
    },
    {
      path: '/console/clients/:clientId',
      page: lazy(() => import('./clients/ClientPage')),
      scopes: scopes.CLIENTS,
    },
    {
      path: '/console/users',
      page: lazy(() => import('./users/UsersPage')),
      scopes: scopes.USERS,
    },
    {
      path: '/console/users/roles',
      page: lazy(() => import('./roles/RolesPage')),
      scopes: scopes.USERS,
    },
    {
      path: '/console/users/new',
      page: lazy(() => import('./users/NewUserPage')),
      scopes: ['user.create'],
    },
    {
      path: '/console/users/:userId',
      page: lazy(() => import('./users/UserPage')),
      scopes: ['user.read', 'user.edit'],
    },
    {
      path: '/console/places',
      page: lazy(() => import('./places/PlacesPage')),
      scopes: scopes.PLACES,
    },
    {
      path: '/console/places/:placeId',
      page: lazy(() => import('./places/PlacePage')),
      scopes: scopes.PLACES,
    },
    {
      path: '/console/audit',
      page: lazy(() => import('./audit/AuditPage')),
      scopes: scopes.AUDIT,
    },
    {
      path: '/console/configuration',
      page: lazy(() => import('./configuration/ConfigurationPage')),
      scopes: scopes.CONFIGURATION,
    },
    {
      path: '/console/announcement',
      page: lazy(() => import('./announcement/AnnouncementPage')),
      scopes: scopes.ANNOUNCE,
    },
  ],
}
