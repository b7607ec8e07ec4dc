// What a script sees of the world. Runs in the script's own interpreter before it; gives a
// function that takes today, as YYYY-MM-DD.
(function (today) {
  'use strict'
  const Moment = Date
  const proto = Moment.prototype
  const now = Moment.parse(today)

  // A time without a zone is in UTC, whatever the machine's zone is.
  const zoned = /(Z|GMT|UTC|[+-]\d\d:?\d\d)\s*(\(.*\))?$/i
  const parse = (text) => {
    if (zoned.test(text) || !/\d:\d|[^\d-]/.test(text)) return Moment.parse(text)
    const iso = Moment.parse(text + 'Z')
    return isNaN(iso) ? Moment.parse(text + ' GMT') : iso
  }
  const moment = (given) => {
    if (given instanceof Moment) return proto.getTime.call(given)
    if (given !== null && typeof given === 'object') given = given.valueOf()
    return typeof given === 'string' ? parse(given) : Number(given)
  }
  const Day = function Date(...given) {
    if (new.target === undefined) return new Day().toString()
    const at =
      given.length === 0 ? now : given.length === 1 ? moment(given[0]) : Moment.UTC(...given)
    return Reflect.construct(Moment, [at], new.target)
  }
  Day.prototype = proto
  proto.constructor = Day
  Day.now = () => now
  Day.parse = (text) => parse(String(text))
  Day.UTC = Moment.UTC
  globalThis.Date = Day

  const parts = ['FullYear', 'Month', 'Date', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']
  for (const part of parts) {
    proto['get' + part] = proto['getUTC' + part]
    proto['set' + part] = proto['setUTC' + part]
  }
  proto.getDay = proto.getUTCDay
  proto.getTimezoneOffset = () => 0
  const utc = proto.toUTCString
  const words = (date) => utc.call(date).replace(',', '').split(' ')
  const day = ([weekday, date, month, year]) => [weekday, month, date, year].join(' ')
  const time = (all) => all[4] + ' GMT+0000 (Coordinated Universal Time)'
  const said = (say) =>
    function () {
      return isNaN(this) ? 'Invalid Date' : say(words(this))
    }
  proto.toString = said((all) => day(all) + ' ' + time(all))
  proto.toDateString = said(day)
  proto.toTimeString = said(time)
  // How a date is written depends on where one is. Nothing here says where.
  delete proto.toLocaleString
  delete proto.toLocaleDateString
  delete proto.toLocaleTimeString
  delete proto.getYear
  delete proto.setYear

  Math.random = () => {
    throw new Error('there is no Math.random here: a rule must come out the same every time')
  }
  const quiet = () => {}
  globalThis.console = { debug: quiet, log: quiet, info: quiet, warn: quiet, error: quiet }
})
