import { createRoot } from 'react-dom/client'
import { Desk } from './app/Desk'
import { installOffline } from './app/newVersion'
import { followTheme } from './app/theme'
import { openCommon } from './device/database'
import './design/base.css'

followTheme()
const place = document.getElementById('root')
if (!place) throw new Error('index.html has no #root')
const root = createRoot(place)
openCommon().then(
  (database) => root.render(<Desk database={database} />),
  // Private windows of old browsers have no storage. Working without it would mean losing work.
  (error: unknown) => {
    place.textContent = `This browser does not let Countersign keep anything on the device (${String(error)}). Use another browser, or leave private mode.`
  },
)
void installOffline()
