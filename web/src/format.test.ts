import { describe, expect, it } from 'vitest';
import { dayOf, formatAgo, formatBytes, formatClock, formatCompany, formatDateTime, formatDuration, percentOf } from './format';

describe('sizes', () => {
  it('uses the unit that keeps the number short, with the language’s comma', () => {
    expect(formatBytes(0, 'en')).toBe('0 B');
    expect(formatBytes(1023, 'en')).toBe('1,023 B');
    expect(formatBytes(1536, 'en')).toBe('1.5 KB');
    expect(formatBytes(1536, 'es')).toBe('1,5 KB');
    expect(formatBytes(2 ** 30, 'en')).toBe('1 GB');
    expect(formatBytes(155 * 2 ** 20, 'en')).toBe('155 MB');
  });
  it('never shows 1024 of a unit', () => {
    expect(formatBytes(2 ** 20 - 1, 'en')).toBe('1 MB');
  });
  it('has a limit of nothing used up', () => {
    expect(percentOf(0, 0)).toBe(100);
    expect(percentOf(1, 4)).toBe(25);
  });
});

describe('times', () => {
  const time = '2026-11-24T03:30:00Z';
  it('are those of the place', () => {
    expect(formatClock(time, { locale: 'es', zone: 'America/Bogota' })).toBe('22:30');
    expect(formatDateTime(time, { locale: 'en', zone: 'UTC' })).toContain('24 Nov 2026');
    expect(dayOf(time, 'America/Bogota')).toBe('2026-11-23');
    expect(dayOf(time, 'UTC')).toBe('2026-11-24');
  });
  it('fall back to the browser’s zone where the zone is unknown', () => {
    expect(formatClock(time, { locale: 'es', zone: 'Nowhere/At_All' })).toMatch(/^\d\d:\d\d$/);
  });
  it('are told relative to now, both ways', () => {
    const now = new Date(time).getTime();
    expect(formatAgo('2026-11-24T01:00:00Z', now, 'en')).toBe('2 hours ago');
    expect(formatAgo('2026-11-24T01:00:00Z', now, 'es')).toBe('hace 2 horas');
    expect(formatAgo('2026-11-24T03:42:30Z', now, 'en')).toBe('in 12 minutes');
  });
  it('last', () => {
    expect(formatDuration(0.84, 'en')).toBe('0.8 s');
    expect(formatDuration(75, 'en')).toBe('1 min 15 s');
    expect(formatDuration(3 * 3600 + 120, 'en')).toBe('3 h 2 min');
  });
});

it('groups a tax number as people read it', () => {
  expect(formatCompany('900869750')).toBe('900.869.750');
  expect(formatCompany('1234')).toBe('1234');
});
