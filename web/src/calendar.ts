// The last weeks of a company, day by day. Pure.

import type { Backup, Job } from './api/types';

export type DayState = 'kept' | 'done' | 'failed' | 'none' | 'future';

export interface Day {
  day: string; // "2026-11-24"
  state: DayState;
  failures: string[]; // messages
}

const oneDay = 86_400_000;

// Weeks of seven days from Monday on; the last one holds `today`. `dayOf` gives an instant's local day.
export function weeksOf(jobs: Job[], backups: Backup[], today: string, count: number, dayOf: (time: string) => string): Day[][] {
  const kept = new Set(backups.map((one) => dayOf(one.fecha)));
  const done = new Set<string>();
  const failures = new Map<string, string[]>();
  for (const job of jobs) {
    if (job.tipo !== 'backup' || !job.fin) continue;
    const day = dayOf(job.fin);
    if (job.estado === 'done') done.add(day);
    else if (job.estado === 'failed') failures.set(day, [...(failures.get(day) ?? []), job.mensaje ?? '']);
  }
  const stateOf = (day: string): DayState => {
    if (day > today) return 'future';
    if (kept.has(day)) return 'kept';
    if (done.has(day)) return 'done';
    return failures.has(day) ? 'failed' : 'none';
  };
  const noon = new Date(`${today}T12:00:00Z`).getTime();
  const sinceMonday = (new Date(noon).getUTCDay() + 6) % 7;
  const first = noon - (sinceMonday + 7 * (count - 1)) * oneDay;
  return Array.from({ length: count }, (_, week) =>
    Array.from({ length: 7 }, (__, weekday) => {
      const day = new Date(first + (week * 7 + weekday) * oneDay).toISOString().slice(0, 10);
      return { day, state: stateOf(day), failures: failures.get(day) ?? [] };
    }),
  );
}
