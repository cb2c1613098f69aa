// The page in a real browser against the real service. Pictures of every page go to COFRE_SCREENSHOTS.
//
//   COFRE=path/of/cofre CHROMIUM=/usr/bin/chromium-headless-shell node --test e2e/

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { assertFits, assertTablesFit, axe, Browser, opened, phone as phoneOptions, picture } from './browser.mjs';
import { ended, password, thisYear } from './service.mjs';
import { totp } from './totp.mjs';
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
  await picture(page, 'empresas');
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
  await picture(page, 'empresas-bulk');
  await axe(page, 'bulk change');
  await page.getByRole('dialog').getByRole('button', { name: 'Cambiar la hora' }).click();
  await page.getByRole('row', { name: /Óptica Central.*23:45/ }).waitFor();
});

test('a backup is started and watched to its end', async () => {
  await page.goto(`${world.url}/empresas/${slow}`);
  await page.getByRole('button', { name: 'Respaldar ahora', exact: true }).click();
  const bar = page.getByRole('progressbar').first();
  await bar.waitFor();
  // A backup of five seconds: live, not with the lease's ten.
  await page.waitForFunction(() => {
    const value = Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow'));
    return value > 5 && value < 100;
  });
  await picture(page, 'empresas-one-running');
  await page.getByText(/Respaldo \d+: hecho/).waitFor({ timeout: 30_000 });
});

test('a company shows its years, backups, calendar, growth and history', async () => {
  await page.goto(`${world.url}/empresas/${healthy}`);
  await page.getByRole('heading', { name: 'Ferretería Peña' }).waitFor();
  await page.locator('.years li').nth(2).waitFor();
  await page.locator('canvas').waitFor();
  await page.locator('.calendar .kept').first().waitFor();
  await picture(page, 'empresas-one');
  await axe(page, 'company');
});

async function download(on, click) {
  const [file] = await Promise.all([on.waitForEvent('download'), click()]);
  return { name: file.suggestedFilename(), content: readFileSync(await file.path()) };
}

test('a backup is downloaded as it is, and as a ready database', async () => {
  await page.goto(`${world.url}/empresas/${healthy}`);
  await page.getByRole('button', { name: /^Descargar / }).first().click();
  const dialog = await opened(page);
  const dump = await download(page, () => dialog.getByRole('link', { name: 'Descargar el volcado' }).click());
  assert.match(dump.name, new RegExp(`^Ferretería Peña ${thisYear} \\d{4}-\\d\\d-\\d\\d\\.`));
  assert.equal(dump.content.subarray(0, 15).toString(), 'SQLite format 3');
  await axe(page, 'download');
  await dialog.getByRole('button', { name: 'Preparar la base' }).click();
  const ready = dialog.getByRole('link', { name: 'Descargar la base' });
  await ready.waitFor({ timeout: 30_000 });
  await picture(page, 'download');
  const database = await download(page, () => ready.click());
  assert.equal(database.content.subarray(0, 15).toString(), 'SQLite format 3');
  assert.ok(database.content.length >= dump.content.length);
});

test('a link is shown once, used without signing in, and withdrawn', async () => {
  await page.goto(`${world.url}/empresas/${healthy}`);
  await page.getByRole('button', { name: /^Enviar enlace / }).first().click();
  const dialog = await opened(page);
  await dialog.getByLabel('Vence en días').waitFor();
  await picture(page, 'link-new');
  await axe(page, 'new link');
  await dialog.getByRole('button', { name: 'Crear el enlace' }).click();
  const address = await dialog.locator('code').textContent();
  assert.match(address, /\/descarga\/[0-9a-f]{64}$/);
  await dialog.getByRole('button', { name: 'Cerrar' }).last().click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal((await page.content()).includes(address), false);

  const theirs = await browser.open();
  await theirs.goto(address);
  await theirs.getByText('Ferretería Peña').waitFor();
  await picture(theirs, 'link-landing');
  await axe(theirs, 'a link');
  const file = await download(theirs, () => theirs.getByRole('button', { name: 'Descargar' }).click());
  assert.equal(file.content.subarray(0, 15).toString(), 'SQLite format 3');

  await page.reload();
  await page.getByRole('row', { name: /1 \/ 3/ }).waitFor();
  await picture(page, 'company-links');
  await axe(page, 'links');
  await page.getByRole('button', { name: /^Retirar/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Retirar' }).click();
  await page.getByText('El enlace se retiró').waitFor();
  await theirs.goto(address);
  await theirs.getByText('Este enlace no sirve').waitFor();
  await picture(theirs, 'link-gone');
  await theirs.context().close();
});

test('the history of a failing company says what to do', async () => {
  await page.goto(`${world.url}/empresas/${failing}`);
  await page.getByText('connection timed out').first().waitFor();
  await picture(page, 'empresas-one-failing');
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
  await picture(page, 'empresas-one-conflict');
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
  const dialog = await opened(page);
  assert.equal(await dialog.getByRole('button', { name: 'Eliminar' }).isDisabled(), true);
  await dialog.getByRole('textbox').fill(String(new Date().getFullYear()));
  await dialog.getByRole('button', { name: 'Eliminar' }).click();
  await page.getByText('El respaldo se eliminó').waitFor({ timeout: 30_000 });
});

const pages = [
  // in the address, name in Spanish and English, what must be there
  ['', 'Hoy', 'Today', 'Distribuidora'],
  ['empresas', 'Empresas', 'Companies', 'Café Quindío'],
  [`empresas/${healthy}`, 'Ferretería Peña', 'Ferretería Peña', '900.869.750'],
  ['tareas', 'Tareas', 'Jobs', 'Manual'],
  ['plan', 'Plan', 'Plan', '900.869.750'],
  ['servidores', 'Servidores', 'Servers', 'vpn-cali'],
  ['usuarios', 'Usuarios', 'Users', 'contador'],
  ['tokens', 'Tokens', 'Tokens', 'Token'],
  ['auditoria', 'Auditoría', 'Audit', '23:45'],
  ['simulador', 'Simulador', 'Simulator', '20'],
  ['configuracion', 'Configuración', 'Settings', '01:00'],
];
const nameOf = (path) => (path === '' ? 'today' : path.replace(/\/\d+/, '-one'));

async function eachPage(on, language, look, only = pages) {
  for (const page of only) {
    await on.goto(`${world.url}/${page[0]}`);
    await on.getByRole('heading', { name: page[language], level: 1 }).waitFor();
    await on.locator('#contenido').getByText(page[3]).first().waitFor();
    await look(nameOf(page[0]));
  }
}

test('jobs, plan, servers, users, tokens, audit, simulator and settings can be read', async () => {
  const look = async (name) => {
    await picture(page, name);
    await axe(page, name);
  };
  await eachPage(page, 1, look, pages.slice(3));
});

test('the simulator answers what is asked', async () => {
  await page.goto(`${world.url}/simulador`);
  await page.getByText('276 horas').waitFor(); // the plan's own 92 hours a thousand companies
  await page.getByLabel('Empresas', { exact: true }).fill('1000');
  await page.getByRole('button', { name: 'Simular' }).click();
  await page.getByText('92 horas').waitFor();
  assert.match(page.url(), /empresas=1000/);
  await page.getByLabel('Años cerrados por hora').fill('1');
  await page.getByRole('button', { name: 'Simular' }).click();
  await page.getByText('14 días no alcanzan').waitFor();
});

test('a second node is seen, drained and taken back', async () => {
  const second = world.serveBeside('n2');
  try {
    await page.goto(`${world.url}/servidores`);
    const row = page.getByRole('table', { name: 'Nodos' }).getByRole('row', { name: /n2/ });
    await row.getByText('Trabaja').waitFor({ timeout: 40_000 });
    await picture(page, 'nodes');
    await axe(page, 'nodes');
    await page.getByRole('button', { name: 'Retirar n2' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Retirar' }).click();
    await row.getByText('Se retira').waitFor();
    await page.getByRole('button', { name: 'Devolver n2' }).click();
    await row.getByText('Trabaja').waitFor();
  } finally {
    await ended(second, 'SIGKILL');
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
  const dialog = await opened(page);
  await dialog.getByLabel('Para qué').fill('contabilidad');
  await dialog.getByRole('button', { name: 'Nuevo token' }).click();
  const secret = await dialog.locator('code').textContent();
  assert.match(secret, /^cofre_/);
  await picture(page, 'token-secret');
  await dialog.getByRole('button', { name: 'Cerrar' }).last().click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /contabilidad/ }).waitFor();
  assert.equal((await page.content()).includes(secret), false);
});

test('a user is made and changed', async () => {
  await page.goto(`${world.url}/usuarios`);
  await page.getByRole('button', { name: 'Nuevo usuario' }).click();
  const dialog = await opened(page);
  await dialog.getByLabel('Usuario', { exact: true }).fill('pedro');
  await dialog.getByLabel('Contraseña', { exact: true }).fill('otra clave bien larga');
  await picture(page, 'user-new');
  await axe(page, 'new user');
  await page.getByRole('button', { name: 'Guardar' }).click();
  await page.getByRole('row', { name: /pedro/ }).waitFor();
});

test('a server is registered, tried, changed and removed', async () => {
  await page.goto(`${world.url}/servidores`);
  await page.getByRole('button', { name: 'Nuevo servidor' }).click();
  const dialog = await opened(page, { name: 'Nuevo servidor' });
  await dialog.getByLabel('Nombre').fill('prueba');
  await dialog.getByLabel('Equipo').fill('127.0.0.1');
  await dialog.getByLabel('Puerto').fill('1');
  await dialog.getByLabel('Archivo de la contraseña').fill('/etc/shadow');
  await picture(page, 'server-new');
  await axe(page, 'new server');
  await dialog.getByRole('button', { name: 'Guardar' }).click();
  await page.getByText(/archivo_clave .* may not be named here/).waitFor();
  // What was typed is still there, and closing the form asks first.
  assert.equal(await dialog.getByLabel('Nombre').inputValue(), 'prueba');
  await dialog.getByRole('button', { name: 'Cancelar' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancelar' }).click();
  await dialog.getByLabel('Archivo de la contraseña').fill('');
  await dialog.getByRole('button', { name: 'Guardar' }).click();
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'prueba' }) });
  await card.getByRole('button', { name: 'Probar la conexión: prueba' }).click();
  await card.getByText('No hay conexión').waitFor({ timeout: 30_000 });
  await picture(page, 'server-tested');
  await axe(page, 'tested server');
  await card.getByRole('button', { name: 'Buscar bases ahora: prueba' }).click();
  await page.getByText('La configuración no dice cómo buscar sus bases.').waitFor();
  await card.getByRole('button', { name: 'Cambiar prueba' }).click();
  const change = await opened(page, { name: 'Cambiar prueba' });
  await change.getByLabel('Respaldos simultáneos').fill('7');
  await change.getByLabel('Respaldos simultáneos').press('Tab');
  await change.getByRole('button', { name: 'Guardar' }).click();
  await card.getByText('7', { exact: true }).waitFor();
  await card.getByRole('button', { name: 'Eliminar prueba' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Eliminar' }).click();
  await card.waitFor({ state: 'detached' });
});

test('companies are imported from a CSV, after a look at what it would do', async () => {
  await page.goto(`${world.url}/empresas`);
  await page.getByRole('button', { name: 'Importar de un CSV' }).click();
  const dialog = await opened(page);
  const head = 'empresa,nombre,servidor,anio_fiscal,base\n';
  await dialog.getByLabel('O pegue su contenido').fill(`${head}900555111,Nueva Uno,bogota,20x6,/x.db\n`);
  await dialog.getByRole('button', { name: 'Ver qué haría' }).click();
  await dialog.getByRole('alert').getByText(/row 2.*anio_fiscal/).waitFor();
  await dialog.getByLabel('O pegue su contenido').fill(`${head}900555111,Nueva Uno,bogota,${thisYear},/data/uno.db\n`);
  await dialog.getByRole('button', { name: 'Ver qué haría' }).click();
  await dialog.getByText('Empresas: 1 nuevas, 0 cambiadas, 0 sin cambios.').waitFor();
  await picture(page, 'import');
  await axe(page, 'import');
  await dialog.getByRole('button', { name: 'Importar', exact: true }).click();
  await page.getByText('La importación terminó').waitFor();
  await page.goto(`${world.url}/empresas/900555111`);
  await page.getByRole('heading', { name: 'Nueva Uno' }).waitFor();
  await page.getByText('/data/uno.db').waitFor();
  await page.getByRole('button', { name: `Cambiar la base de ${thisYear}` }).click();
  const change = await opened(page);
  await change.getByLabel('Ruta o alias en su servidor').fill('/data/dos.db');
  await change.getByRole('button', { name: 'Guardar' }).click();
  await page.getByText('/data/dos.db').waitFor();
  await page.getByRole('button', { name: `Quitar la base de ${thisYear}` }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Eliminar' }).click();
  await page.getByText('/data/dos.db').waitFor({ state: 'detached' });
});

test('a company is registered by hand', async () => {
  await page.goto(`${world.url}/empresas`);
  await page.getByRole('button', { name: 'Nueva empresa' }).click();
  const dialog = await opened(page);
  await dialog.getByLabel('NIT').fill('900.555.222-1');
  await dialog.getByLabel('Nombre').fill('Nueva Dos');
  await dialog.locator('#company-server').click();
  await page.getByRole('option', { name: 'bogota' }).click();
  await page.getByRole('option').first().waitFor({ state: 'detached' });
  await axe(page, 'new company');
  await dialog.getByRole('button', { name: 'Guardar' }).click();
  await page.getByRole('heading', { name: 'Nueva Dos' }).waitFor();
});

test('a second factor is set up, asked for, and taken away', async () => {
  const his = await browser.open();
  await browser.signIn(his, 'vero');
  const openDialog = async () => {
    await his.getByRole('button', { name: /^Cuenta/ }).first().click();
    await his.getByRole('button', { name: 'Verificación en dos pasos' }).click();
    return opened(his, { name: 'Verificación en dos pasos' });
  };
  let dialog = await openDialog();
  await dialog.locator('#factor-password').fill(password);
  await dialog.getByRole('button', { name: 'Configurar' }).click();
  const secret = await dialog.locator('code').textContent();
  await picture(his, 'second-factor');
  await axe(his, 'second factor');
  await dialog.getByLabel('Código que muestra la aplicación').fill(totp(secret));
  await dialog.getByRole('button', { name: 'Confirmar' }).click();
  await dialog.locator('.codes li').nth(9).waitFor();
  const recovery = await dialog.locator('.codes li').allTextContents();
  assert.equal(recovery.length, 10);
  await dialog.getByRole('button', { name: 'Ya los guardé' }).click();

  const again = await browser.open();
  await again.goto(`${world.url}/`);
  await again.locator('#user').fill('vero');
  await again.locator('#password').fill(password);
  await again.locator('form button[type=submit]').click();
  await again.locator('#code').fill('000000');
  await picture(again, 'sign-in-code');
  await axe(again, 'sign-in with a code');
  await again.locator('form button[type=submit]').click();
  await again.getByRole('alert').getByText('El código no es correcto o ya se usó').waitFor();
  await again.locator('#code').fill(recovery[0]);
  await again.locator('form button[type=submit]').click();
  await again.locator('#contenido h1').waitFor();
  await again.context().close();

  await his.reload();
  dialog = await openDialog();
  await dialog.locator('#factor-password').fill(password);
  await dialog.locator('#factor-code').fill(recovery[1]);
  await dialog.getByRole('button', { name: 'Quitar' }).click();
  await his.getByText('La verificación en dos pasos se quitó').waitFor();
  await his.context().close();
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

test('every page in English, dark', async () => {
  const dark = await browser.open({ locale: 'en-GB', colorScheme: 'dark' });
  await browser.signIn(dark, 'ana');
  await eachPage(dark, 2, async (name) => {
    await picture(dark, `${name}-dark`);
    await axe(dark, `${name}, dark`);
  });
  await dark.context().close();
});

test('on a small laptop no table is cut at its edge', async () => {
  const laptop = await browser.open({ viewport: { width: 1280, height: 800 } });
  await browser.signIn(laptop, 'ana');
  await eachPage(laptop, 1, async (name) => {
    await assertFits(laptop, name);
    await assertTablesFit(laptop, name);
  });
  await laptop.context().close();
});

test('on a phone nothing is wider than the screen', async () => {
  const phone = await browser.open(phoneOptions);
  await browser.signIn(phone, 'ana');
  await eachPage(phone, 1, async (name) => {
    await picture(phone, `${name}-phone`);
    await assertFits(phone, name);
  });
  await phone.getByRole('button', { name: 'Abrir el menú' }).click();
  await phone.getByRole('link', { name: 'Servidores' }).waitFor();
  await phone.waitForTimeout(300);
  await picture(phone, 'menu-phone');
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
