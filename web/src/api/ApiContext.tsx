import { createContext, type ReactNode, useContext } from 'react'
import type { Api } from './client'

const Context = createContext<Api | undefined>(undefined)

export const ApiProvider = (props: { api: Api; children: ReactNode }) => (
  <Context.Provider value={props.api}>{props.children}</Context.Provider>
)

export function useApi(): Api {
  const api = useContext(Context)
  if (!api) throw new Error('ApiProvider is missing')
  return api
}
