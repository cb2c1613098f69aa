// What was changed in a company's settings. Pure.

import type { CompanySettings } from './api/types';

const editable = ['nombre', 'backups_habilitados', 'hora_backup', 'limite_espacio_gb', 'zona_horaria'] as const;
export type SettingKey = (typeof editable)[number];

export function changedKeys(before: CompanySettings, after: CompanySettings): SettingKey[] {
  return editable.filter((key) => (before[key] ?? null) !== (after[key] ?? null));
}

export function pick(settings: CompanySettings, keys: readonly SettingKey[]): Partial<CompanySettings> {
  return Object.fromEntries(keys.map((key) => [key, settings[key] ?? null]));
}
