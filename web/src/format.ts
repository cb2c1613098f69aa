// Numbers, sizes and times as people read them. Pure: `locale` is "es" or "en", `zone` an IANA name or undefined for
// the browser's own.

export interface Place {
  locale: string;
  zone?: string | undefined;
}

const numberLocale = (locale: string) => (locale === 'es' ? 'es-CO' : 'en-GB');
const formatters = new Map<string, Intl.DateTimeFormat>();

export function formatNumber(value: number, locale: string, digits = 0): string {
  return value.toLocaleString(numberLocale(locale), { maximumFractionDigits: digits });
}

// 1 GB is 2^30 bytes, as everywhere in Cofre.
export function formatBytes(bytes: number, locale: string): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    ++unit;
  }
  return `${formatNumber(value, locale, unit === 0 || value >= 99.95 ? 0 : 1)} ${units[unit]}`;
}

function dateFormatter(place: Place, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([place, options]);
  let made = formatters.get(key);
  if (!made) {
    try {
      made = new Intl.DateTimeFormat(numberLocale(place.locale), { ...options, timeZone: place.zone });
    } catch {
      made = new Intl.DateTimeFormat(numberLocale(place.locale), options); // a zone that this browser does not know
    }
    formatters.set(key, made);
  }
  return made;
}

export function formatDateTime(time: string, place: Place): string {
  return dateFormatter(place, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(time));
}

export function formatDate(time: string | Date, place: Place): string {
  return dateFormatter(place, { year: 'numeric', month: 'short', day: 'numeric' }).format(new Date(time));
}

export function formatClock(time: string, place: Place): string {
  return dateFormatter(place, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(time));
}

// "2026-11-24" in the place's zone.
export function dayOf(time: string | Date, zone?: string): string {
  const parts = dateFormatter({ locale: 'en', zone }, { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(
    new Date(time),
  );
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}-${of('day')}`;
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86400],
  ['month', 30 * 86400],
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
];

// "3 hours ago", "in 12 minutes".
export function formatAgo(time: string, now: number, locale: string): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  const words = new Intl.RelativeTimeFormat(numberLocale(locale), { numeric: 'auto' });
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
  }
  return words.format(Math.trunc(seconds), 'second');
}

export function formatDuration(seconds: number, locale: string): string {
  if (seconds < 60) return `${formatNumber(seconds, locale, seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function percentOf(used: number, limit: number): number {
  return limit > 0 ? (100 * used) / limit : 100;
}

// "900869750" -> "900.869.750"
export function formatCompany(id: string): string {
  return id.length > 6 ? id.replace(/\B(?=(\d{3})+(?!\d))/g, '.') : id;
}
