// A vault of its own for the browser's tests: a local store, companies whose databases are SQLite files or the output
// of programs, users of every role, and the real `cofre serve` with the API and the page.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const password = 'una clave bien larga';
export const thisYear = new Date().getFullYear();
export const healthy = '900869750';
export const slow = '900123456';
export const failing = '811222333';
export const others = '800000001';

const names = [
  'Droguería La 14', 'Transportes Nariño', 'Café Quindío', 'Hotel Bahía', 'Panadería El Trigal', 'Textiles Medellín',
  'Clínica San José', 'Lácteos Boyacá', 'Muebles Ibagué', 'Taller Los Andes', 'Óptica Central', 'Imprenta Ñáñez',
  'Agro Córdoba', 'Pinturas Pacífico', 'Colegio Los Álamos', 'Inmobiliaria Norte', 'Seguros Caribe', 'Molinos Tolima',
];

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(what, condition, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    if (await condition()) return;
    if (Date.now() > end) throw new Error(`${what} did not come within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export class World {
  static async make(program) {
    const world = new World(program);
    await world.setUp();
    return world;
  }

  constructor(program) {
    this.program = program;
    this.folder = mkdtempSync(join(tmpdir(), 'cofre-page-'));
    this.vault = join(this.folder, 'vault');
  }

  cofre(args, input = '') {
    return execFileSync(this.program, ['--quiet', ...args], {
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, COFRE_CONFIG: join(this.vault, 'cofre.toml') },
    });
  }

  company(id, name, server, database, years = [thisYear]) {
    this.cofre(['company', 'add', id, '--name', name, '--server', server]);
    for (const year of years) this.cofre(['database', 'add', id, String(year), ...database(year)]);
  }

  sqlite(name, rows) {
    const path = join(this.folder, `${name}.db`);
    execFileSync('sqlite3', [path], {
      input: `CREATE TABLE asientos (id INTEGER PRIMARY KEY, cuenta TEXT, valor REAL);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
        INSERT INTO asientos SELECT i, 'cuenta ' || (i * 7919 % 5000), i * 1.5 FROM n;`,
    });
    return ['--path', path];
  }

  async setUp() {
    execFileSync(this.program, ['--quiet', 'init', '--dir', this.vault], { stdio: 'pipe' });
    this.port = await freePort();
    const config = join(this.vault, 'cofre.toml');
    writeFileSync(config, withApi(readFileSync(config, 'utf8'), this.port));
    this.cofre(['server', 'add', 'bogota', '--engine', 'sqlite']);
    this.cofre(['server', 'add', 'programas', '--engine', 'command']);
    this.cofre(['server', 'add', 'vpn-cali', '--engine', 'command', '--max-concurrent', '2']);
    this.company(healthy, 'Ferretería Peña', 'bogota', (year) => this.sqlite(`${healthy}-${year}`, 40_000), [
      thisYear - 2, thisYear - 1, thisYear,
    ]);
    const dribble = 'i=0; while [ $i -lt 12 ]; do head -c 300000 /dev/urandom; sleep 0.4; i=$((i+1)); done';
    this.company(slow, 'Almacén El Cóndor', 'programas', () => ['--', 'sh', '-c', dribble]);
    const fail = 'echo "could not connect to 10.8.0.4:3050: connection timed out" >&2; exit 1';
    this.company(failing, 'Distribuidora del Valle', 'vpn-cali', () => ['--', 'sh', '-c', fail]);
    names.forEach((name, i) => {
      const id = String(800_000_001 + i * 37);
      this.company(id, name, 'bogota', () => this.sqlite(id, 2000 + 1500 * i));
    });
    // Registered after their hour, they would all wait for tomorrow's.
    try {
      this.cofre(['backup', '--all']);
    } catch (error) {
      if (!/connection timed out/.test(String(error.stderr) + String(error.stdout))) throw error;
    }
    for (const [name, role] of [['ana', 'administrator'], ['olga', 'operator'], ['vero', 'viewer']]) {
      this.cofre(['user', 'add', name, '--role', role], password);
    }
    this.cofre(['user', 'add', 'contador', '--role', 'company', '--company', healthy], password);
    await this.serve();
  }

  async serve() {
    const log = join(this.folder, 'serve.log');
    writeFileSync(log, '');
    this.service = spawn(this.program, ['serve'], {
      env: { ...process.env, COFRE_CONFIG: join(this.vault, 'cofre.toml') },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.service.stderr.on('data', (text) => appendFileSync(log, text));
    this.url = `http://localhost:${this.port}`;
    await until('the API', () => fetch(`${this.url}/api/v1/session`).then(() => true, () => false));
  }

  async end() {
    if (this.service && this.service.exitCode === null) {
      const ended = new Promise((resolve) => this.service.once('exit', resolve));
      this.service.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// Into the section that `cofre init` wrote, or a new one.
function withApi(text, port) {
  const line = `escucha = "127.0.0.1:${port}"\n`;
  return /^\[api\]$/m.test(text) ? text.replace(/^\[api\]$/m, `[api]\n${line}`) : `${text}\n[api]\n${line}`;
}
