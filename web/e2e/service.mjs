// A vault in a folder of its own and the real `cofre serve` on it, with the API and the page.

import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const password = 'una clave bien larga';
export const thisYear = new Date().getFullYear();

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function until(what, condition, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    if (await condition()) return;
    if (Date.now() > end) throw new Error(`${what} did not come within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function ended(process, signal) {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const end = new Promise((resolve) => process.once('exit', resolve));
  process.kill(signal);
  await end;
}

export class Service {
  constructor(program, environment = {}) {
    this.program = program;
    this.folder = mkdtempSync(join(tmpdir(), 'cofre-page-'));
    this.vault = join(this.folder, 'vault');
    this.environment = { ...process.env, ...environment, COFRE_CONFIG: join(this.vault, 'cofre.toml') };
  }

  cofre(args, input = '') {
    return execFileSync(this.program, ['--quiet', ...args], {
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      env: this.environment,
    });
  }

  // A new vault whose service will listen on a port of its own.
  async init(...options) {
    execFileSync(this.program, ['--quiet', 'init', '--dir', this.vault, ...options], { stdio: 'pipe', env: this.environment });
    this.port = await freePort();
    const config = join(this.vault, 'cofre.toml');
    writeFileSync(config, withApi(readFileSync(config, 'utf8'), this.port));
  }

  user(name, role, ...companies) {
    this.cofre(['user', 'add', name, '--role', role, ...companies.flatMap((id) => ['--company', id])], password);
  }

  async serve() {
    const log = join(this.folder, 'serve.log');
    writeFileSync(log, '');
    this.service = spawn(this.program, ['serve'], { env: this.environment, stdio: ['ignore', 'ignore', 'pipe'] });
    this.service.stderr.on('data', (text) => appendFileSync(log, text));
    this.url = `http://localhost:${this.port}`;
    await until('the API', () => fetch(`${this.url}/api/v1/session`).then(() => true, () => false));
  }

  // A second process on the same catalogue, without the API; the caller ends it.
  serveBeside(node) {
    const config = join(this.vault, `${node}.toml`);
    const text = readFileSync(join(this.vault, 'cofre.toml'), 'utf8');
    writeFileSync(config, text.replace(/^escucha = .*$/m, '').replace(/^\[servicio\]$/m, `[servicio]\nnodo = "${node}"`));
    return spawn(this.program, ['--config', config, 'serve'], { env: this.environment, stdio: 'ignore' });
  }

  async end() {
    if (this.service) await ended(this.service, 'SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// Into the section that `cofre init` wrote, or a new one.
function withApi(text, port) {
  const line = `escucha = "127.0.0.1:${port}"\n`;
  return /^\[api\]$/m.test(text) ? text.replace(/^\[api\]$/m, `[api]\n${line}`) : `${text}\n[api]\n${line}`;
}
