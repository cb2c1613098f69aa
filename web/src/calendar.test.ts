import { expect, it } from 'vitest';
import type { Backup, Job } from './api/types';
import { weeksOf } from './calendar';

const day = (time: string) => time.slice(0, 10);
const job = (fin: string, estado: string, mensaje: string | null = null) => ({ tipo: 'backup', fin, estado, mensaje }) as Job;

it('whole weeks from Monday on, and the last one holds today', () => {
  const weeks = weeksOf([], [], '2026-11-24', 3, day);
  expect(weeks).toHaveLength(3);
  expect(weeks[0]![0]!.day).toBe('2026-11-09');
  expect(weeks[2]!.map((one) => one.state)).toEqual(['none', 'none', 'future', 'future', 'future', 'future', 'future']);
});

it('a kept backup counts most, then one that was made, then a failure', () => {
  const jobs = [
    job('2026-11-23T01:00:00Z', 'failed', 'no such database'),
    job('2026-11-23T02:00:00Z', 'done'),
    job('2026-11-22T01:00:00Z', 'failed', 'no route'),
    job('2026-11-24T01:00:00Z', 'done'),
  ];
  const backups = [{ fecha: '2026-11-24T01:00:00Z' } as Backup];
  const all = weeksOf(jobs, backups, '2026-11-24', 2, day).flat();
  const of = (name: string) => all.find((one) => one.day === name);
  expect(of('2026-11-24')?.state).toBe('kept');
  expect(of('2026-11-23')).toMatchObject({ state: 'done', failures: ['no such database'] });
  expect(of('2026-11-22')).toMatchObject({ state: 'failed', failures: ['no route'] });
});
