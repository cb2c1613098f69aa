// What /api/v1 answers, by hand from the API's description. Times are ISO 8601 in UTC, sizes bytes.

export type Role = 'company' | 'viewer' | 'operator' | 'administrator';
export type Condition = 'failing' | 'late' | 'never' | 'safe' | 'empty' | 'disabled';
export type JobKind = 'backup' | 'verify' | 'prune' | 'restore' | 'export' | 'drill';
export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'interrupted';
export type JobReason = 'manual' | 'scheduled' | 'refresh' | 'maintenance';
export type Scope = 'read' | 'operate' | 'administer';

export type DownloadForm = 'dump' | 'database';

export interface DownloadLink {
  enlace: number;
  empresa: string;
  anio_fiscal: number;
  respaldo: string;
  fecha_respaldo: string;
  forma: DownloadForm;
  estado: 'active' | 'revoked' | 'expired' | 'used_up';
  usuario: string;
  creado: string;
  vence: string;
  usos: number;
  usos_maximos: number;
  usado: string | null;
  revocado: string | null;
  correo: string | null;
  correo_estado: 'pending' | 'sent' | 'failed' | null;
  correo_mensaje: string | null;
  ruta?: string | null; // of one just made, unless it was sent
  url?: string | null;
}

export interface Session {
  usuario: string;
  rol: Role;
  empresas: string[];
  puede_operar: boolean;
  puede_administrar: boolean;
  dos_factores: boolean; // a code is asked for at sign-in
  csrf: string | null;
}

export interface Job {
  tarea: number;
  tipo: JobKind;
  estado: JobState;
  motivo: JobReason;
  empresa: string;
  nombre: string | null; // of the company; null: it is gone
  anio_fiscal: number | null; // null: all of the company
  intento: number;
  lote: number | null;
  en_cola: string;
  prevista: string | null;
  tardia: boolean;
  no_antes: string;
  inicio: string | null;
  fin: string | null;
  error: string | null; // "auth", "quota", ...
  mensaje: string | null;
  bytes: number; // so far
  bytes_previstos: number | null; // in all, as the last time; while it runs
  porcentaje: number | null;
  bytes_agregados: number;
  respaldo: string | null;
}

export interface DatabaseHealth {
  empresa: string;
  anio_fiscal: number;
  anio_actual: boolean;
  estado: Condition;
  ultimo_respaldo: string | null;
  resultado: string | null;
  intentado: string | null;
}

export interface Problem extends DatabaseHealth {
  nombre: string;
  servidor: string;
  mensaje: string | null;
}

export interface Hour {
  desde: string;
  hechos: number;
  fallidos: number;
  interrumpidos: number;
}

export interface Today {
  fecha: string;
  servicio: boolean; // the scheduler runs
  pausado: boolean;
  almacen_caido: boolean;
  empresas: Record<Condition, number> & { total: number; espacio_alto: number };
  ultimas_24_horas: {
    hechos: number;
    fallidos: number;
    interrumpidos: number;
    bytes_volcado: number;
    bytes_almacenados: number;
    por_hora: Hour[];
  };
  problemas: Problem[];
  en_cola: number;
  en_curso: Job[];
  siguiente: string | null;
  siguiente_bases: number;
}

export interface CompanySettings {
  empresa: string;
  nombre: string;
  backups_habilitados: boolean;
  hora_backup: string;
  limite_espacio_gb: number;
  zona_horaria: string | null;
}

export interface Company extends CompanySettings {
  servidor: string;
  repositorio: string | null;
  estado: Condition;
  bytes_usados: number;
  bytes_limite: number;
  ultimo_respaldo: string | null;
  anios_fiscales: number[];
  bases?: DatabaseHealth[]; // of a single company
}

export interface Database extends Partial<DatabaseHealth> {
  empresa: string;
  anio_fiscal: number;
  base?: string | null;
}

export interface Backup {
  respaldo: string;
  empresa: string;
  anio_fiscal: number;
  fecha: string;
  ruta: string;
  bytes_volcado: number;
  bytes_nuevos: number;
  bytes_almacenados: number;
  segundos: number;
  fijado_hasta: string | null;
  completo: string | null;
  verificado: string | null;
  ensayado: string | null;
  problema_ensayo: string | null;
}

export interface Server {
  servidor: string;
  motor: string;
  host: string | null;
  puerto: number | null;
  usuario: string | null;
  maximo_simultaneo: number;
  caido: boolean;
  pausado: boolean;
  pausado_hasta: string | null;
  mensaje: string | null;
}

// A process that serves on this catalogue; the browser has a Node of its own.
export interface FleetNode {
  nodo: string;
  estado: 'gone' | 'draining' | 'works' | 'plans';
  tareas: number;
  servidores: string[];
  version: string;
  visto: string;
  proceso: string;
}

export interface ServerSettings {
  servidor: string;
  motor: string;
  host: string | null;
  puerto: number | null;
  usuario: string | null;
  archivo_clave: string | null;
  maximo_simultaneo: number;
  descubrimiento: 'consulta' | 'patron' | 'comando' | null;
}

export interface ServerCheck {
  servidor: string;
  exito: boolean;
  error: string | null;
  mensaje: string;
  ayuda: string | null;
  version: string | null;
  segundos: number;
}

export interface FoundDatabases {
  total: number;
  bases: { empresa: string; anio_fiscal: number; base: string | null }[]; // the first 500
}

export interface Discovery {
  servidor: string;
  estado: 'running' | 'done' | 'failed';
  inicio: string;
  fin: string | null;
  mensaje: string | null;
  ayuda: string | null;
  nuevas: FoundDatabases;
  devueltas: FoundDatabases;
  desaparecidas: FoundDatabases;
  observaciones: string[];
}

export interface DatabasePlace {
  empresa: string;
  anio_fiscal: number;
  base: string | null; // null: the output of a program
}

export interface ImportCounts {
  nuevas: number;
  cambiadas: number;
  sin_cambios: number;
}

export interface ImportResult {
  prueba: boolean;
  empresas: ImportCounts;
  bases: ImportCounts;
  cambios: {
    empresa: string;
    nombre: string;
    fila: number;
    estado: 'nueva' | 'cambiada' | 'sin_cambios';
    bases: { anio_fiscal: number; base: string; estado: 'nueva' | 'cambiada'; antes: string | null }[];
  }[];
}

export interface PlanEntry {
  empresa: string;
  nombre: string | null;
  anio_fiscal: number;
  se_ejecuta: boolean;
  motivo: string;
  prioridad: 'manual' | 'scheduled' | 'refresh';
  lote: number | null;
  prevista: string | null;
  tardia: boolean;
  hasta: string | null;
  explicacion: string;
}

export interface Paged {
  total: number;
  pagina: number;
  por_pagina: number;
}

export interface Plan extends Paged {
  fecha: string;
  siguiente: string | null;
  bases: PlanEntry[];
}

export interface SimulatedDay {
  anio_actual: number;
  anio_cerrado: number;
  reintentos: number;
  lotes: number;
  fallidas: number;
  atrasadas: number;
  simultaneas: number;
  anios_cerrados_cubiertos: number; // so far
}

export interface Simulation {
  empresas: number;
  anio_actual: number;
  anio_cerrado: number;
  dias: number;
  horas_hasta_cubrir: number | null;
  anio_cerrado_por_dia_despues: number | null;
  por_dia: SimulatedDay[];
  por_hora: { anio_actual: number; anio_cerrado: number }[];
}

export type Configuration = Record<string, string | number | boolean>;

export interface User {
  usuario: string;
  rol: Role;
  empresas: string[];
  habilitado: boolean;
  creado: string;
  cambiado: string;
  ultimo_ingreso: string | null;
  dos_factores: boolean;
}

export interface SecondFactor {
  secreto: string;
  otpauth: string;
}

export interface Token {
  token: number;
  nombre: string;
  usuario: string;
  alcance: Scope;
  creado: string;
  vence: string;
  usado: string | null;
  revocado: string | null;
  secreto?: string; // only in the answer that made it
}

export interface AuditEntry {
  id: number;
  fecha: string;
  usuario: string | null;
  medio: string;
  direccion: string | null;
  accion: string;
  sujeto: string;
  antes: unknown;
  despues: unknown;
}

// application/problem+json
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  ayuda: string | null;
}
