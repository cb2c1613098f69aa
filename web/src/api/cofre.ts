// One function a route.

import { Client, withQuery, type Answer, type Query } from './client';
import type * as T from './types';

export const client = new Client();
const at = encodeURIComponent;

export const api = {
  // `codigo` of the authenticator, for users who have one.
  signIn: async (usuario: string, clave: string, codigo = '') =>
    (await client.ask<T.Session>('/session', { method: 'POST', body: { usuario, clave, ...(codigo ? { codigo } : {}) } })).body,
  proposeSecondFactor: async (clave: string) =>
    (await client.ask<T.SecondFactor>('/session/second-factor', { method: 'POST', body: { clave } })).body,
  confirmSecondFactor: async (codigo: string) =>
    (
      await client.ask<{ codigos_recuperacion: string[] }>('/session/second-factor/confirm', { method: 'POST', body: { codigo } })
    ).body.codigos_recuperacion,
  removeSecondFactor: (clave: string, codigo: string) =>
    client.ask('/session/second-factor/remove', { method: 'POST', body: { clave, codigo } }),
  session: () => client.get<T.Session>('/session'),
  signOut: () => client.ask('/session', { method: 'DELETE' }),
  changePassword: (clave_actual: string, clave_nueva: string) =>
    client.ask('/session/password', { method: 'PUT', body: { clave_actual, clave_nueva } }),

  today: () => client.get<T.Today>('/today'),
  settings: () => client.get<T.Configuration>('/settings'),
  plan: (query: Query, signal?: AbortSignal) => client.get<T.Plan>('/plan', query, signal),
  simulation: (query: Query, signal?: AbortSignal) => client.get<T.Simulation>('/simulation', query, signal),
  nodes: async () => (await client.get<{ nodos: T.FleetNode[] }>('/nodes')).nodos,
  drainNode: (name: string, draining: boolean) =>
    client.ask(`/nodes/${at(name)}/drain`, { method: draining ? 'PUT' : 'DELETE' }),
  servers: () => client.get<{ servidores: T.Server[] }>('/servers'),
  serverSettings: (name: string): Promise<Answer<T.ServerSettings>> => client.ask(`/servers/${at(name)}/settings`),
  addServer: (body: Partial<T.ServerSettings>) => client.ask<T.ServerSettings>('/servers', { method: 'POST', body }),
  changeServer: (name: string, body: Partial<T.ServerSettings>, etag: string): Promise<Answer<T.ServerSettings>> =>
    client.ask(`/servers/${at(name)}/settings`, { method: 'PATCH', body, etag }),
  removeServer: (name: string) => client.ask(`/servers/${at(name)}`, { method: 'DELETE' }),
  testServer: async (name: string) =>
    (await client.ask<T.ServerCheck>(`/servers/${at(name)}/test`, { method: 'POST', body: {} })).body,
  startDiscovery: async (name: string) =>
    (await client.ask<T.Discovery>(`/servers/${at(name)}/discovery`, { method: 'POST', body: {} })).body,
  discovery: (name: string) => client.get<T.Discovery>(`/servers/${at(name)}/discovery`),
  pauseServer: (name: string, paused: boolean) =>
    client.ask(`/servers/${at(name)}/pause`, { method: paused ? 'PUT' : 'DELETE' }),
  pauseAll: (paused: boolean) => client.ask('/pause', { method: paused ? 'PUT' : 'DELETE' }),

  companies: (query: Query, signal?: AbortSignal) =>
    client.get<T.Paged & { empresas: T.Company[] }>('/companies', query, signal),
  addCompany: (body: object) => client.ask<T.Company>('/companies', { method: 'POST', body }),
  importCompanies: async (csv: string, prueba: boolean) =>
    (await client.ask<T.ImportResult>('/companies/import', { method: 'POST', body: { csv, prueba } })).body,
  addDatabase: (id: string, anio_fiscal: number, base: string) =>
    client.ask(`/companies/${at(id)}/databases`, { method: 'POST', body: { anio_fiscal, base } }),
  database: (id: string, year: number): Promise<Answer<T.DatabasePlace>> => client.ask(`/companies/${at(id)}/databases/${year}`),
  moveDatabase: (id: string, year: number, base: string, etag: string) =>
    client.ask(`/companies/${at(id)}/databases/${year}`, { method: 'PATCH', body: { base }, etag }),
  removeDatabase: (id: string, year: number, forget: boolean) =>
    client.ask(withQuery(`/companies/${at(id)}/databases/${year}`, { olvidar_respaldos: forget ? 1 : null }), { method: 'DELETE' }),
  changeCompanies: async (empresas: string[], cambios: Partial<T.CompanySettings>) =>
    (
      await client.ask<{ empresas: number; cambiadas: number }>('/companies/bulk', {
        method: 'POST',
        body: { empresas, cambios },
      })
    ).body,
  company: (id: string) => client.get<T.Company>(`/companies/${at(id)}`),
  databases: (id: string) => client.get<{ bases: T.Database[] }>(`/companies/${at(id)}/databases`),
  backups: (id: string) => client.get<{ respaldos: T.Backup[] }>(`/companies/${at(id)}/backups`),
  companySettings: (id: string): Promise<Answer<T.CompanySettings>> => client.ask(`/companies/${at(id)}/settings`),
  changeSettings: (id: string, body: Partial<T.CompanySettings>, etag: string): Promise<Answer<T.CompanySettings>> =>
    client.ask(`/companies/${at(id)}/settings`, { method: 'PATCH', body, etag }),

  backUp: async (id: string, anio_fiscal: number | null, idempotencyKey: string) =>
    start(`/companies/${at(id)}/backups`, anio_fiscal, idempotencyKey),
  verify: async (id: string, idempotencyKey: string) => start(`/companies/${at(id)}/verify`, null, idempotencyKey),
  drill: async (id: string, anio_fiscal: number | null, idempotencyKey: string) =>
    start(`/companies/${at(id)}/drill`, anio_fiscal, idempotencyKey),
  jobs: (query: Query, signal?: AbortSignal) => client.get<{ tareas: T.Job[] }>('/jobs', query, signal),
  cancelJob: (id: number) => client.ask(`/jobs/${id}`, { method: 'DELETE' }),
  pin: (backup: string, hasta: string | null) => client.ask(`/backups/${backup}/pin`, { method: 'PUT', body: { hasta } }),
  removeBackup: (backup: string) => client.ask(`/backups/${backup}`, { method: 'DELETE' }),

  job: (id: number) => client.get<T.Job>(`/jobs/${id}`),
  prepareDatabase: async (backup: string, idempotencyKey: string) =>
    start(`/backups/${backup}/database`, null, idempotencyKey),
  links: (id: string) => client.get<{ enlaces: T.DownloadLink[] }>(`/companies/${at(id)}/links`),
  addLink: async (backup: string, body: object) =>
    (await client.ask<T.DownloadLink>(`/backups/${backup}/links`, { method: 'POST', body })).body,
  revokeLink: (id: number) => client.ask(`/links/${id}`, { method: 'DELETE' }),

  users: () => client.get<{ usuarios: T.User[] }>('/users'),
  user: (name: string): Promise<Answer<T.User>> => client.ask(`/users/${at(name)}`),
  addUser: (body: object) => client.ask<T.User>('/users', { method: 'POST', body }),
  changeUser: (name: string, body: object, etag: string) =>
    client.ask<T.User>(`/users/${at(name)}`, { method: 'PATCH', body, etag }),
  removeUsersSecondFactor: (name: string) => client.ask(`/users/${at(name)}/second-factor`, { method: 'DELETE' }),
  removeUser: (name: string) => client.ask(`/users/${at(name)}`, { method: 'DELETE' }),

  tokens: () => client.get<{ tokens: T.Token[] }>('/tokens'),
  addToken: async (nombre: string, alcance: T.Scope, dias: number) =>
    (await client.ask<T.Token>('/tokens', { method: 'POST', body: { nombre, alcance, dias } })).body,
  revokeToken: (id: number) => client.ask(`/tokens/${id}`, { method: 'DELETE' }),
  audit: (query: Query) => client.get<{ cambios: T.AuditEntry[] }>('/audit', query),
};

// Followed by the browser itself, which saves what comes.
export const downloadPath = (backup: string, form: T.DownloadForm): string =>
  `/api/v1/backups/${backup}/${form === 'dump' ? 'download' : 'database'}`;

async function start(path: string, anio_fiscal: number | null, idempotencyKey: string): Promise<T.Job[]> {
  const body = anio_fiscal === null ? {} : { anio_fiscal };
  return (await client.ask<{ tareas: T.Job[] }>(path, { method: 'POST', body, idempotencyKey })).body.tareas;
}
