// A vault of its own for the browser's tests: a local store, companies whose databases are SQLite files or the output
// of programs, users of every role, and the real `cofre serve` with the API and the page.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Service, thisYear } from './service.mjs';

export const healthy = '900869750';
export const slow = '900123456';
export const failing = '811222333';
export const others = '800000001';

const names = [
  'Droguería La 14', 'Transportes Nariño', 'Café Quindío', 'Hotel Bahía', 'Panadería El Trigal', 'Textiles Medellín',
  'Clínica San José', 'Lácteos Boyacá', 'Muebles Ibagué', 'Taller Los Andes', 'Óptica Central', 'Imprenta Ñáñez',
  'Agro Córdoba', 'Pinturas Pacífico', 'Colegio Los Álamos', 'Inmobiliaria Norte', 'Seguros Caribe', 'Molinos Tolima',
];

export class World extends Service {
  static async make(program) {
    const world = new World(program);
    await world.setUp();
    return world;
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
    await this.init();
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
    this.user('ana', 'administrator');
    this.user('olga', 'operator');
    this.user('vero', 'viewer');
    this.user('contador', 'company', healthy);
    await this.serve();
  }
}
