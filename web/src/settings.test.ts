import { expect, it } from 'vitest';
import type { CompanySettings } from './api/types';
import { changedKeys, pick } from './settings';

const before: CompanySettings = {
  empresa: '900869750',
  nombre: 'Peña',
  backups_habilitados: true,
  hora_backup: '01:00',
  limite_espacio_gb: 1,
  zona_horaria: null,
};

it('only what was changed is sent', () => {
  const after = { ...before, hora_backup: '02:30', zona_horaria: 'America/Lima' };
  expect(pick(after, changedKeys(before, after))).toEqual({ hora_backup: '02:30', zona_horaria: 'America/Lima' });
  expect(changedKeys(before, { ...before })).toEqual([]);
});

it('taking the zone out is a change to none', () => {
  const zoned = { ...before, zona_horaria: 'America/Lima' };
  expect(pick(before, changedKeys(zoned, before))).toEqual({ zona_horaria: null });
});
