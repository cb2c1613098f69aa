// The page in a real browser against the real service. Pictures of every page go to COFRE_SCREENSHOTS.
//
//   COFRE=path/of/cofre CHROMIUM=/usr/bin/chromium node --test e2e/

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { failing, healthy, others, password, slow, World } from './world.mjs';

const pictures = process.env.COFRE_SCREENSHOTS ?? join(import.meta.dirname ?? '.', '../../build/web-screenshots');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let world;
let browser;
let page; // of the administrator, in Spanish
const complaints = []; // of the browser: errors of scripts, and what the content policy refused

async function open(options = {}) {
  const context = await browser.newContext({
    locale: 'es-CO',
    timezoneId: 'America/Bogota',
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  const made = await context.newPage();
  await made.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error('refused', event.violatedDirective, event.sourceFile, event.lineNumber, event.target?.outerHTML?.slice(0, 300)),
    );
  });
  made.setDefaultTimeout(8_000);
  made.on('pageerror', (error) => complaints.push(String(error)));
  made.on('console', (message) => {
    if (message.type() === 'error' && !/status of (401|404|409|412)/.test(message.text())) complaints.push(message.text());
  });
  return made;
}

async function signIn(on, user) {
  await on.goto(`${world.url}/`);
  await on.locator('#user').fill(user);
  await on.locator('#password').fill(password);
  await on.locator('form button[type=submit]').click();
  await on.locator('#contenido h1').waitFor();
}

async function picture(on, name) {
  await on.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => undefined); // the event stream never ends
  await on.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

async function axe(on, what) {
  await on.evaluate(axeSource);
  const found = await on.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const serious = found.violations.filter((one) => ['serious', 'critical'].includes(one.impact));
  assert.deepEqual(
    serious.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(' ')}`),
    [],
    what,
  );
}

before(async () => {
  mkdirSync(pictures, { recursive: true });
  world = await World.make(process.env.COFRE);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  page = await open();
  await signIn(page, 'ana');
});

after(async () => {
  await browser?.close();
  await world?.end();
});

test('a wrong password is told so, and the right one opens the page', async () => {
  const his = await open();
  await his.goto(`${world.url}/`);
  await his.locator('#user').fill('ana');
  await his.locator('#password').fill('not the password');
  await his.locator('form button[type=submit]').click();
  await his.getByRole('alert').getByText('Usuario o contraseña incorrectos').waitFor();
  await picture(his, 'sign-in');
  await axe(his, 'sign-in');
  await signIn(his, 'ana');
  await his.getByRole('heading', { name: 'Hoy' }).waitFor();
  await his.context().close();
});

test('today counts the companies and explains the one that fails', async () => {
  const problem = page.locator('.problems li', { hasText: 'Distribuidora del Valle' });
  await problem.waitFor({ timeout: 30_000 });
  await problem.getByText('connection timed out').waitFor();
  await page.locator('.tile.failing .count', { hasText: '1' }).waitFor();
  await page.locator('.tile.safe .count', { hasText: '20' }).waitFor({ timeout: 30_000 });
  await picture(page, 'today');
  await axe(page, 'today');
  await page.locator('.tile.failing').click();
  await page.waitForURL(/estado=failing/);
  await page.getByRole('row', { name: /Distribuidora del Valle/ }).waitFor();
});

test('a company is found by its tax number as people write it, and by a name without its accents', async () => {
  await page.goto(`${world.url}/empresas`);
  await page.getByRole('link', { name: 'Café Quindío' }).waitFor();
  await picture(page, 'companies');
  await axe(page, 'companies');
  await page.getByRole('searchbox').fill('900.869.750-0');
  await page.getByText('1 empresa', { exact: true }).waitFor();
  await page.getByRole('searchbox').fill('imprenta nanez');
  await page.getByRole('link', { name: 'Imprenta Ñáñez' }).waitFor();
  await page.getByText('1 empresa', { exact: true }).waitFor();
  assert.match(page.url(), /buscar=imprenta/);
});

test('many companies are changed at once, after a confirmation', async () => {
  await page.goto(`${world.url}/empresas?buscar=al&servidor=bogota`);
  await page.getByRole('row', { name: /Óptica Central/ }).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Cambiar la hora' }).click();
  await page.getByLabel('Hora del respaldo diario').fill('23:45');
  await picture(page, 'companies-bulk');
  await axe(page, 'bulk change');
  await page.getByRole('dialog').getByRole('button', { name: 'Cambiar la hora' }).click();
  await page.getByRole('row', { name: /Óptica Central.*23:45/ }).waitFor();
});

test('a backup is started and watched to its end', async () => {
  await page.goto(`${world.url}/empresas/${slow}`);
  await page.getByRole('button', { name: 'Respaldar ahora', exact: true }).click();
  const bar = page.getByRole('progressbar').first();
  await bar.waitFor();
  await picture(page, 'company-running');
  await page.getByText(/Respaldo \d+: hecho/).waitFor({ timeout: 30_000 });
});

test('a company shows its years, backups, calendar, growth and history', async () => {
  await page.goto(`${world.url}/empresas/${healthy}`);
  await page.getByRole('heading', { name: 'Ferretería Peña' }).waitFor();
  await page.locator('.years li').nth(2).waitFor();
  await page.locator('canvas').waitFor();
  await page.locator('.calendar .kept').first().waitFor();
  await picture(page, 'company');
  await axe(page, 'company');
});

test('the history of a failing company says what to do', async () => {
  await page.goto(`${world.url}/empresas/${failing}`);
  await page.getByText('connection timed out').first().waitFor();
  await picture(page, 'company-failing');
});

test('a setting is changed, and what somebody else changed meanwhile is not lost', async () => {
  const other = await open();
  await signIn(other, 'olga');
  await other.goto(`${world.url}/empresas/${healthy}`);
  await page.goto(`${world.url}/empresas/${healthy}`);
  await page.getByLabel('Hora del respaldo').fill('02:30');
  await other.getByLabel('Nombre').fill('Ferretería Peña e Hijos');
  await other.getByRole('button', { name: 'Guardar' }).click();
  await other.getByText('Los ajustes se guardaron').waitFor();
  await page.getByRole('button', { name: 'Guardar' }).click();
  await page.getByText('Alguien cambió los ajustes mientras tanto.').waitFor();
  assert.equal(await page.getByLabel('Hora del respaldo').inputValue(), '02:30');
  await page.getByText('Ahora: Ferretería Peña e Hijos').waitFor();
  await picture(page, 'company-conflict');
  await page.getByRole('button', { name: 'Guardar lo mío' }).click();
  await page.getByText('Los ajustes se guardaron').waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Ferretería Peña e Hijos' }).waitFor();
  await page.waitForFunction(() => document.querySelector('#set-hour')?.value === '02:30');
  await other.context().close();
});

test('the last backup of a year cannot be removed, another one only with its year typed', async () => {
  await page.goto(`${world.url}/empresas/${slow}`);
  const remove = page.getByRole('button', { name: /^Eliminar/ });
  await remove.first().waitFor();
  const count = await remove.count();
  if (count < 2) {
    assert.equal(await remove.first().isDisabled(), true);
    return;
  }
  await remove.nth(1).click();
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.getByRole('button', { name: 'Eliminar' }).isDisabled(), true);
  await dialog.getByRole('textbox').fill(String(new Date().getFullYear()));
  await dialog.getByRole('button', { name: 'Eliminar' }).click();
  await page.getByText('El respaldo se eliminó').waitFor({ timeout: 30_000 });
});

test('jobs, plan, servers, users, tokens, audit and settings can be read', async () => {
  const pages = [
    ['tareas', 'Tareas', 'Respaldo'],
    ['plan', 'Plan', '900.869.750'],
    ['servidores', 'Servidores', 'vpn-cali'],
    ['usuarios', 'Usuarios', 'contador'],
    ['tokens', 'Tokens', 'Aún no hay tokens.'],
    ['auditoria', 'Auditoría', 'company.change'],
    ['configuracion', 'Configuración', 'Bases por lote'],
  ];
  for (const [path, title, text] of pages) {
    await page.goto(`${world.url}/${path}`);
    await page.getByRole('heading', { name: title, level: 1 }).waitFor();
    await page.getByText(text).first().waitFor();
    await picture(page, path);
    await axe(page, path);
  }
});

test('a server is paused and goes on', async () => {
  await page.goto(`${world.url}/servidores`);
  await page.getByRole('button', { name: 'Pausar programas' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Pausar' }).click();
  await page.getByRole('button', { name: 'Reanudar programas' }).click();
  await page.getByRole('button', { name: 'Pausar programas' }).waitFor();
});

test('a token’s secret is shown once', async () => {
  await page.goto(`${world.url}/tokens`);
  await page.getByRole('button', { name: 'Nuevo token' }).click();
  await page.getByLabel('Para qué').fill('contabilidad');
  await page.getByRole('dialog').getByRole('button', { name: 'Nuevo token' }).click();
  const secret = await page.getByRole('dialog').locator('code').textContent();
  assert.match(secret, /^cofre_/);
  await picture(page, 'token-secret');
  await page.getByRole('dialog').getByRole('button', { name: 'Cerrar' }).last().click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /contabilidad/ }).waitFor();
  assert.equal((await page.content()).includes(secret), false);
});

test('a user is made and changed', async () => {
  await page.goto(`${world.url}/usuarios`);
  await page.getByRole('button', { name: 'Nuevo usuario' }).click();
  await page.getByLabel('Usuario', { exact: true }).fill('pedro');
  await page.getByLabel('Contraseña', { exact: true }).fill('otra clave bien larga');
  await picture(page, 'user-new');
  await axe(page, 'new user');
  await page.getByRole('button', { name: 'Guardar' }).click();
  await page.getByRole('row', { name: /pedro/ }).waitFor();
});

test('a company user sees his company, and others’ not even by their address', async () => {
  const his = await open();
  await signIn(his, 'contador');
  await his.getByRole('link', { name: 'Ferretería Peña e Hijos' }).waitFor();
  await his.getByText('1 empresa', { exact: true }).waitFor();
  assert.equal(await his.getByRole('link', { name: 'Usuarios' }).count(), 0);
  assert.equal(await his.getByRole('link', { name: 'Hoy' }).count(), 0);
  await picture(his, 'company-user');
  await his.goto(`${world.url}/empresas/${others}`);
  await his.getByText('No se pudo leer').first().waitFor();
  assert.equal(await his.getByText('Droguería').count(), 0);
  await his.goto(`${world.url}/auditoria`);
  await his.getByRole('heading', { name: 'Empresas' }).waitFor();
  await his.goto(`${world.url}/empresas/${healthy}`);
  await his.getByRole('heading', { name: 'Ferretería Peña e Hijos' }).waitFor();
  assert.equal(await his.getByRole('button', { name: 'Respaldar ahora', exact: true }).count(), 0);
  await picture(his, 'company-user-company');
  await his.context().close();
});

test('English, dark', async () => {
  const dark = await open({ locale: 'en-GB', colorScheme: 'dark' });
  await signIn(dark, 'vero');
  await dark.getByRole('heading', { name: 'Today' }).waitFor();
  await dark.locator('.tile').first().waitFor();
  await picture(dark, 'today-dark');
  await axe(dark, 'today, dark');
  await dark.goto(`${world.url}/empresas`);
  await dark.getByRole('row').nth(3).waitFor();
  await picture(dark, 'companies-dark');
  await axe(dark, 'companies, dark');
  await dark.goto(`${world.url}/empresas/${healthy}`);
  await dark.locator('canvas').waitFor();
  await picture(dark, 'company-dark');
  await axe(dark, 'company, dark');
  await dark.context().close();
});

test('on a phone nothing is wider than the screen', async () => {
  const phone = await open({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  await signIn(phone, 'ana');
  for (const path of ['', 'empresas', `empresas/${healthy}`, 'tareas', 'servidores', 'usuarios', 'auditoria', 'configuracion']) {
    await phone.goto(`${world.url}/${path}`);
    await phone.locator('#contenido h1').waitFor();
    await phone.waitForTimeout(400);
    await picture(phone, `phone-${path.replace(/\W.*/, '') || 'today'}${path.includes('/') ? '-one' : ''}`);
    const width = await phone.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${path} is ${width} wide`);
  }
  await phone.getByRole('button', { name: 'Abrir el menú' }).click();
  await phone.getByRole('link', { name: 'Servidores' }).waitFor();
  await phone.waitForTimeout(300);
  await picture(phone, 'phone-menu');
  await axe(phone, 'phone menu');
  await phone.context().close();
});

test('everything can be reached with the keyboard', async () => {
  await page.goto(`${world.url}/`);
  await page.locator('.tile').first().waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter'); // past the navigation
  const focused = await page.evaluate(() => document.activeElement?.id);
  assert.equal(focused, 'contenido');
});

test('the browser had nothing to complain about', () => {
  assert.deepEqual(complaints, []);
});

test('what goes on after the service was away: the page says so and comes back by itself', async () => {
  await page.goto(`${world.url}/`);
  await page.locator('.tile').first().waitFor();
  const ended = new Promise((resolve) => world.service.once('exit', resolve));
  world.service.kill('SIGTERM');
  await ended;
  await page.getByText('Sin conexión en vivo').waitFor({ timeout: 20_000 });
  await picture(page, 'offline');
  await world.serve();
  await page.getByText('Sin conexión en vivo').waitFor({ state: 'hidden', timeout: 40_000 });
});

test('signing out ends the session', async () => {
  await page.goto(`${world.url}/`);
  await page.getByRole('button', { name: /^Cuenta/ }).first().click();
  await page.waitForTimeout(300);
  await picture(page, 'account');
  await page.getByRole('button', { name: 'Salir' }).click();
  await page.locator('#user').waitFor();
  await page.goto(`${world.url}/empresas`);
  await page.locator('#user').waitFor();
});
