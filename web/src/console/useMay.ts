import { hasScope, useAccount } from '../session/SessionContext'

/** Whether the person holds one of these scope types. */
export function useMay(types: readonly string[]): boolean {
  const { scopes } = useAccount()
  return types.some((type) => hasScope(scopes, type))
}
