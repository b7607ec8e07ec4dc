import type { ComponentType, LazyExoticComponent } from 'react'

/** What a folder of the desk brings along: its pages, and its place in the navigation. */
export interface DeskPart {
  routes: {
    /** Below /desk, in wouter's notation: `/queues/:slug`. */
    path: string
    page: LazyExoticComponent<ComponentType>
    /** Shown only to whoever holds one of these scope types. */
    scopes?: string[]
  }[]
  /** Its entries of the navigation. */
  Navigation?: ComponentType<{ onGo: () => void }>
  /** Its sign in the header, such as how much waits in the outbox. */
  Badge?: ComponentType
  /** What it needs around all pages, such as the outbox and its machine. */
  Provider?: ComponentType<{ children: React.ReactNode }>
}
