// The page in a real browser against the real service. Pictures of every page go to COFRE_SCREENSHOTS.
//
//   COFRE=path/of/cofre CHROMIUM=/usr/bin/chromium node --test e2e/

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertFits, axe, Browser, phone as phoneOptions, picture } from './browser.mjs';
import { failing, healthy, others, slow, World } from './world.mjs';

let world;
let browser;
let page; // of the administrator, in Spanish

before(async () => {
  world = await World.make(process.env.COFRE);
  browser = await Browser.launch(world.url);
  page = await browser.open();
  await browser.signIn(page, 'ana');
});

after(async () => {
  await browser?.close();
  await world?.end();
});

test('a wrong password is told so, and the right one opens the page', async () => {
  const his = await browser.open();
  await his.goto(`${world.url}/`);
  await his.locator('#user').fill('ana');
  await his.locator('#password').fill('not the password');
  await his.locator('form button[type=submit]').click();
  await his.getByRole('alert').getByText('Usuario o contraseña incorrectos').waitFor();
  await picture(his, 'sign-in');
  await axe(his, 'sign-in');
  await browser.signIn(his, 'ana');
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
  const other = await browser.open();
  await browser.signIn(other, 'olga');
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
  const his = await browser.open();
  await browser.signIn(his, 'contador');
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
  const dark = await browser.open({ locale: 'en-GB', colorScheme: 'dark' });
  await browser.signIn(dark, 'vero');
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
  const phone = await browser.open(phoneOptions);
  await browser.signIn(phone, 'ana');
  for (const path of ['', 'empresas', `empresas/${healthy}`, 'tareas', 'servidores', 'usuarios', 'auditoria', 'configuracion']) {
    await phone.goto(`${world.url}/${path}`);
    await phone.locator('#contenido h1').waitFor();
    await picture(phone, `phone-${path.replace(/\W.*/, '') || 'today'}${path.includes('/') ? '-one' : ''}`);
    await assertFits(phone, path);
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
  assert.deepEqual(browser.complaints, []);
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
