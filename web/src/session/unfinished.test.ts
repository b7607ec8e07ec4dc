import { expect, test } from 'vitest'
import { Unfinished } from './unfinished'

class Tab {
  private readonly items = new Map<string, string>()
  get length() {
    return this.items.size
  }
  key = (at: number) => [...this.items.keys()][at] ?? null
  getItem = (name: string) => this.items.get(name) ?? null
  setItem = (name: string, text: string) => void this.items.set(name, text)
  removeItem = (name: string) => void this.items.delete(name)
}

test('what somebody is in the middle of is there after the page is loaded again', () => {
  const tab = new Tab()
  new Unfinished(
    () => tab,
    () => '/desk/records/1',
  ).set('ann reason', { said: 'twice' })
  const again = new Unfinished(
    () => tab,
    () => '/desk/records/1',
  )
  expect(again.get('ann reason')).toEqual({ said: 'twice' })
  again.delete('ann reason')
  expect(again.get('ann reason')).toBeUndefined()
  expect(tab.length).toBe(0)
})

test('what was left on another page is forgotten, and what others keep stays', () => {
  const tab = new Tab()
  tab.setItem('session', 'x')
  new Unfinished(
    () => tab,
    () => '/desk/records/1',
  ).set('ann reason', 'twice')
  const elsewhere = new Unfinished(
    () => tab,
    () => '/desk/records/2',
  )
  expect(elsewhere.get('ann reason')).toBeUndefined()
  expect(tab.length).toBe(1)
})

test('a tab that may keep nothing has what is in memory', () => {
  const kept = new Unfinished(
    () => {
      throw new Error('not allowed')
    },
    () => '/desk/',
  )
  kept.set('ann reason', 'twice')
  expect(kept.get('ann reason')).toBe('twice')
  kept.set('ann reason', undefined)
  expect(kept.get('ann reason')).toBeUndefined()
})
