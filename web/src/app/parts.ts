import { part as certificates } from '../certificates/part'
import { part as console } from '../console/part'
import { part as forms } from '../forms/part'
import { part as outbox } from '../outbox/part'
import { part as records } from '../records/part'
import { part as search } from '../search/part'
import { part as workqueues } from '../workqueues/part'
import type { DeskPart } from './part'

/** In the order of the navigation. */
export const parts: DeskPart[] = [workqueues, search, outbox, forms, records, certificates, console]
