// How large a running backup will about be: as the newest one of the same database was.

import { reactive } from 'vue';
import { api } from './api/cofre';
import type { Job } from './api/types';

const mostCompanies = 12;
const sizes = reactive(new Map<string, number>()); // "company year" -> bytes
const asked = new Set<string>();

export function expectedBytes(job: Job): number | null {
  return sizes.get(`${job.empresa} ${job.anio_fiscal}`) ?? null;
}

export async function askExpected(jobs: Job[]): Promise<void> {
  const companies = [...new Set(jobs.filter((job) => job.tipo === 'backup').map((job) => job.empresa))];
  for (const company of companies.slice(0, mostCompanies)) {
    if (asked.has(company)) continue;
    asked.add(company);
    const backups = (await api.backups(company).catch(() => ({ respaldos: [] }))).respaldos;
    for (const one of [...backups].sort((a, b) => a.fecha.localeCompare(b.fecha))) {
      sizes.set(`${one.empresa} ${one.anio_fiscal}`, one.bytes_volcado);
    }
  }
}
