// The device's camera, for as long as something shows what it sees.
import { type RefObject, useEffect, useState } from 'react'

/** `blocked`: there may be one, but the browser, its user or another program does not let us have it. */
export type CameraState = 'starting' | 'on' | 'blocked' | 'none'

/**
 * Shows what the camera sees in `video`, the one at the back where there are two; lets go of it when the component
 * goes.
 */
export function useCamera(video: RefObject<HTMLVideoElement | null>): CameraState {
  const [state, setState] = useState<CameraState>('starting')
  useEffect(() => {
    let stream: MediaStream | undefined
    let stopped = false
    const stop = () => {
      stopped = true
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
    const begin = async () => {
      // Not there where the page did not come over https.
      if (!navigator.mediaDevices?.getUserMedia) return setState('none')
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      if (stopped || !video.current) return stop()
      video.current.srcObject = stream
      await video.current.play()
      if (!stopped) setState('on')
    }
    begin().catch((error: unknown) => {
      if (stopped) return
      const isNone = error instanceof DOMException && error.name === 'NotFoundError'
      setState(isNone ? 'none' : 'blocked')
    })
    return stop
  }, [video])
  return state
}

/** Whether there is a camera at all, as far as a browser says before it is allowed to be used. */
export function useHasCamera(): boolean {
  const [has, setHas] = useState(false)
  useEffect(() => {
    const devices = navigator.mediaDevices
    if (!devices?.enumerateDevices) return
    let current = true
    const look = () =>
      devices.enumerateDevices().then(
        (all) => current && setHas(all.some(({ kind }) => kind === 'videoinput')),
        () => undefined,
      )
    void look()
    devices.addEventListener('devicechange', look)
    return () => {
      current = false
      devices.removeEventListener('devicechange', look)
    }
  }, [])
  return has
}
