// The world of the whole: a bucket on a real S3 server and databases on a real Firebird server, as scripts/servers starts
// them and names them in the environment.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Service, thisYear } from './service.mjs';

export const firm = '900869750'; // has a year that is closed and the current one
export const missing = '811222333'; // its database file is not there
export const broken = '811222444'; // its database file is none
export const hostile = '811222555'; // name and path are script
export const script = '<img src=x onerror="window.broken=1">';
const night = Array.from({ length: 14 }, (_, i) => String(830_000_000 + i * 11));

const env = process.env;
const demo = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../scripts/demo-company');

export class Firm extends Service {
  static async make(program) {
    const made = new Firm(program, {
      AWS_ACCESS_KEY_ID: env.COFRE_TEST_S3_ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: env.COFRE_TEST_S3_SECRET_KEY,
    });
    await made.setUp();
    return made;
  }

  async setUp() {
    this.data = mkdtempSync(join(env.COFRE_TEST_FIREBIRD_FOLDER, 'page-'));
    execFileSync('chown', ['--reference', env.COFRE_TEST_FIREBIRD_FOLDER, this.data]);
    this.tool(demo, ['create', this.address('first'), '0.02']);
    const bucket = `cofre-page-${process.pid}-${Date.now()}`;
    const signed = ['--aws-sigv4', 'aws:amz:us-east-1:s3', '-H', 'x-amz-content-sha256: UNSIGNED-PAYLOAD', '-K', '-'];
    execFileSync('curl', ['-sSf', '-X', 'PUT', ...signed, `${env.COFRE_TEST_S3_ENDPOINT}/${bucket}`], {
      input: `user = "${env.COFRE_TEST_S3_ACCESS_KEY}:${env.COFRE_TEST_S3_SECRET_KEY}"\n`,
    });
    await this.init('--store', `s3:${env.COFRE_TEST_S3_ENDPOINT}/${bucket}`);
    const [host, port] = env.COFRE_TEST_FIREBIRD.split('/');
    this.cofre([
      'server', 'add', 'contable', '--host', host, '--port', port, '--user', env.COFRE_TEST_FIREBIRD_USER,
      '--password-file', env.COFRE_TEST_FIREBIRD_PASSWORD_FILE, '--max-concurrent', '1',
    ]);
    for (const name of ['closed', ...night]) this.copy('first', name);
    writeFileSync(this.path('broken'), 'no database');
    this.user('ana', 'administrator');
    await this.serve();
  }

  path(name) {
    return join(this.data, `${name}.fdb`);
  }

  address(name) {
    return `${env.COFRE_TEST_FIREBIRD}:${this.path(name)}`;
  }

  copy(from, to) {
    copyFileSync(this.path(from), this.path(to));
    execFileSync('chown', ['--reference', this.path(from), this.path(to)]);
  }

  // A program of Firebird's, signed in.
  tool(program, args) {
    return execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...env,
        ISC_USER: env.COFRE_TEST_FIREBIRD_USER,
        ISC_PASSWORD: readFileSync(env.COFRE_TEST_FIREBIRD_PASSWORD_FILE, 'utf8').trim(),
      },
    });
  }

  // A sum over all that is in a database.
  fingerprint(name) {
    return this.tool(demo, ['fingerprint', this.address(name)]);
  }

  // What gbak makes of a dump.
  restore(dump, name) {
    this.tool('gbak', ['-c', dump, this.address(name)]);
  }

  // Behind the service's back, for what only time brings.
  sql(statement) {
    execFileSync('sqlite3', ['-cmd', '.timeout 5000', join(this.vault, 'state/catalogue.db'), statement]);
  }

  // The companies as a CSV file; all are due at `hour`.
  csv(hour) {
    const rows = [
      [firm, 'Ferretería Peña', thisYear - 1, this.path('closed')],
      [firm, 'Ferretería Peña', thisYear, this.path('first')],
      [missing, 'Distribuidora del Valle', thisYear, this.path('moved away')],
      [broken, 'Hotel Bahía', thisYear, this.path('broken')],
      [hostile, script, thisYear, this.path(script)],
      ...night.map((id, i) => [id, `Comercial Ñandú ${i + 1}`, thisYear, this.path(id)]),
    ];
    const quote = (value) => `"${String(value).replaceAll('"', '""')}"`;
    const head = 'empresa,nombre,anio_fiscal,base,servidor,hora_backup';
    return [head, ...rows.map((row) => [...row, 'contable', hour].map(quote).join(','))].join('\n');
  }

  get companies() {
    return 4 + night.length;
  }

  async end() {
    await super.end();
    if (this.data) rmSync(this.data, { recursive: true, force: true });
  }
}

// The next minute that begins in `seconds` at the earliest, as a clock on Bogota's wall.
export function soon(seconds) {
  const at = new Date(Math.ceil((Date.now() + seconds * 1000) / 60_000) * 60_000);
  const wall = { timeZone: 'America/Bogota', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  return { at, hour: new Intl.DateTimeFormat('es-CO', wall).format(at) };
}
