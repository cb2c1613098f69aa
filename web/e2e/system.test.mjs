// All of it at once: the page in a real browser, the real `cofre serve`, a real Firebird server and a real S3 server.
// A night is watched as it comes, so this takes a minute.
//
//   scripts/servers run web/e2e/run BUILD_FOLDER system

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axe, Browser, picture, snapshot } from './browser.mjs';
import { broken, Firm, firm, hostile, missing, script, soon } from './firm.mjs';
import { thisYear, until } from './service.mjs';

let world;
let browser;
let page; // of the administrator, in Spanish
let night; // when it begins

before(async () => {
  world = await Firm.make(process.env.COFRE);
  browser = await Browser.launch(world.url);
  page = await browser.open();
});

after(async () => {
  await browser?.close();
  await world?.end();
});

test('signed in, one finds an empty vault', async () => {
  await browser.signIn(page, 'ana');
  await page.getByText('Aún no hay empresas').waitFor();
  await picture(page, 'empty-vault');
});

test('companies are imported by the page and wait for their hour', async () => {
  night = soon(20);
  const file = join(world.folder, 'companies.csv');
  writeFileSync(file, world.csv(night.hour));
  await page.goto(`${world.url}/empresas`);
  await page.getByRole('button', { name: 'Importar de un CSV' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Archivo CSV').setInputFiles(file);
  await dialog.getByRole('button', { name: 'Ver qué haría' }).click();
  await dialog.getByText(`Empresas: ${world.companies} nuevas, 0 cambiadas, 0 sin cambios.`).waitFor();
  await picture(page, 'import-preview');
  await dialog.getByRole('button', { name: 'Importar', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Ferretería Peña' }).waitFor();
  world.user('contador', 'company', firm);
  await page.goto(`${world.url}/`);
  await page.locator('.tile.never .count', { hasText: String(world.companies) }).waitFor();
  await page.getByText(new RegExp(`${world.companies} bases a las ${night.hour}`)).waitFor();
});

test('script in a name and in a path is text', async () => {
  for (const path of ['empresas', `empresas/${hostile}`, 'plan', `tareas?empresa=${hostile}`]) {
    await page.goto(`${world.url}/${path}`);
    await page.locator('#contenido h1').waitFor();
    await page.settled();
    assert.equal(await page.evaluate(() => window.broken), undefined, path);
    assert.equal(await page.locator('img[src=x]').count(), 0, path);
  }
  await page.goto(`${world.url}/empresas/${hostile}`);
  await page.getByRole('heading', { name: script }).waitFor();
  await picture(page, 'script-name');
});

test('a night is watched as it runs', async () => {
  await page.goto(`${world.url}/`);
  const safe = page.locator('.tile.safe .count');
  await safe.waitFor();
  const seen = new Set();
  const rest = Math.max(0, night.at.getTime() - Date.now()) / 1000;
  await page.locator('.running li').first().waitFor({ timeout: (rest + 20) * 1000 });
  await snapshot(page, 'night');
  const expected = world.companies - 3; // but the three whose databases cannot be read
  await until('the end of the night', async () => {
    seen.add(await safe.textContent());
    return seen.has(String(expected));
  });
  assert.ok(seen.size >= 3, `the page showed ${[...seen]} on the way`);
  await page.locator('.tile.failing .count', { hasText: '3' }).waitFor();
  await page.getByText('Nada corre ahora.').waitFor();
  await picture(page, 'after-the-night');
  await axe(page, 'after the night');
});

test('failures are explained where they are looked for', async () => {
  const problem = page.locator('.problems li', { hasText: 'Distribuidora del Valle' });
  await problem.getByText('moved away').waitFor();
  await problem.getByText('Revise la ruta de la base: el servidor no la encuentra.').waitFor();
  await page.goto(`${world.url}/empresas/${broken}`);
  await page.getByText(/File size is less than expected/).first().waitFor();
  await picture(page, 'failure');
  await page.goto(`${world.url}/empresas/${missing}`);
  await page.getByText('Revise la ruta de la base').first().waitFor();
});

test('script in an error is text', async () => {
  await page.goto(`${world.url}/empresas/${hostile}`);
  await page.getByText(/<img src=x onerror.*fdb/).first().waitFor();
  await picture(page, 'script-error');
  assert.equal(await page.evaluate(() => window.broken), undefined);
  assert.equal(await page.locator('img[src=x]').count(), 0);
});

test('a backup is started by hand and followed to its end', async () => {
  await page.goto(`${world.url}/empresas/${firm}`);
  await page.getByRole('button', { name: 'Respaldar ahora', exact: true }).click();
  await page.getByText(`Respaldo ${thisYear}: hecho`).waitFor({ timeout: 20_000 });
  await page.getByText(`Respaldo ${thisYear - 1}: hecho`).waitFor({ timeout: 20_000 });
  await page.locator('.calendar .kept').first().waitFor();
  await picture(page, 'backed-up-now');
});

// Saves what a click brings, and restores it with gbak.
async function assertIsFirst(on, click, name) {
  const [download] = await Promise.all([on.waitForEvent('download'), click()]);
  assert.match(download.suggestedFilename(), new RegExp(`^Ferretería Peña ${thisYear} .*\\.fbk$`));
  const dump = join(world.folder, `${name}.fbk`);
  await download.saveAs(dump);
  world.restore(dump, name);
  assert.equal(world.fingerprint(name), world.fingerprint('first'));
}

const button = (name) => page.getByRole('row', { name: new RegExp(` ${thisYear} `) }).getByRole('button', { name });

test('a backup is downloaded in the browser, and gbak makes the same database of it', async () => {
  await page.goto(`${world.url}/empresas/${firm}`);
  await button(/^Descargar /).first().click();
  const dialog = page.getByRole('dialog');
  await picture(page, 'download-fbk');
  await assertIsFirst(page, () => dialog.getByRole('link', { name: 'Descargar el volcado' }).click(), 'restored');
});

async function makeLink() {
  await page.goto(`${world.url}/empresas/${firm}`);
  await button(/^Enviar enlace /).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Crear el enlace' }).click();
  return page.getByRole('dialog').locator('code').textContent();
}

test('a link serves who has not signed in, until it is withdrawn or over', async () => {
  const theirs = await browser.open();
  const address = await makeLink();
  await theirs.goto(address);
  await picture(theirs, 'link');
  await assertIsFirst(theirs, () => theirs.getByRole('button', { name: 'Descargar' }).click(), 'by-link');

  const { enlaces } = await (await page.request.get(`${world.url}/api/v1/companies/${firm}/links`)).json();
  const { csrf } = await (await page.request.get(`${world.url}/api/v1/session`)).json();
  const revoked = await page.request.delete(`${world.url}/api/v1/links/${enlaces[0].enlace}`, { headers: { 'X-CSRF-Token': csrf } });
  assert.equal(revoked.status(), 204);
  const over = await makeLink();
  world.sql('UPDATE download_links SET expires_ns = 1 WHERE revoked_ns IS NULL');
  for (const gone of [address, over, `${address.slice(0, -1)}${address.endsWith('0') ? '1' : '0'}`]) {
    await theirs.goto(gone);
    await theirs.getByText('Este enlace no sirve').waitFor();
    assert.equal(await theirs.getByRole('button').count(), 0);
    assert.equal((await theirs.request.post(gone)).status(), 404);
  }
  await theirs.context().close();
});

test('a company user is shut out of every route that names what is another’s', async () => {
  const his = await browser.open();
  await browser.signIn(his, 'contador');
  await his.getByRole('link', { name: 'Ferretería Peña' }).waitFor();
  const ask = async (on, method, path, csrf, body) =>
    on.request.fetch(`${world.url}${path}`, {
      method,
      headers: { ...(csrf ? { 'X-CSRF-Token': csrf } : {}), 'If-Match': '*' },
      ...(body ? { data: body } : {}),
    });
  const read = async (on, path) => (await ask(on, 'GET', path)).json();
  const other = (await read(page, '/api/v1/companies?buscar=Comercial&por_pagina=1')).empresas[0].empresa;
  const backup = (await read(page, `/api/v1/companies/${other}/backups`)).respaldos[0].respaldo;
  const hers = (await read(page, '/api/v1/session')).csrf;
  const link = await ask(page, 'POST', `/api/v1/backups/${backup}/links`, hers, { forma: 'dump' });
  const ids = {
    company: other,
    backup,
    job: (await read(page, `/api/v1/jobs?empresa=${other}`)).tareas[0].tarea,
    link: (await link.json()).enlace,
    server: 'contable',
    user: 'ana',
  };
  const { csrf } = await read(his, '/api/v1/session');
  const description = await read(his, '/api/v1/openapi.json');
  let tried = 0;
  for (const [pattern, operations] of Object.entries(description.paths)) {
    const path = pattern.replace(/\{(\w+)\}/g, (_, name) => ids[name] ?? '1');
    for (const [method, operation] of Object.entries(operations)) {
      if (operation['x-access'] === 'anyone' || operation['x-access'] === 'signed_in' || method === 'parameters') continue;
      if (pattern.endsWith('/events')) continue; // never ends
      const what = `${method} ${pattern}`;
      const answer = await ask(his, method.toUpperCase(), path, csrf, method === 'get' ? undefined : {});
      tried += 1;
      if (operation['x-access'] !== 'own' || path !== pattern) {
        assert.ok([403, 404].includes(answer.status()), `${what} was answered ${answer.status()}`);
      }
      const text = await answer.text();
      assert.ok(answer.status() >= 400 || !text.includes(other), `${what} tells of another company`);
      assert.ok(!text.includes('Comercial Ñandú'), `${what} tells another company's name`);
    }
  }
  assert.ok(tried > 30, `${tried} routes`);
  await his.goto(`${world.url}/empresas/${other}`);
  await his.getByText('No se pudo leer').first().waitFor();
  await picture(his, 'another-company');
  await his.context().close();
});

test('in English', async () => {
  const hers = await browser.open({ locale: 'en-GB', colorScheme: 'dark' });
  await browser.signIn(hers, 'ana');
  await hers.getByText('3 companies need attention').waitFor();
  await hers.goto(`${world.url}/empresas/${broken}`);
  await hers.getByText(/File size is less than expected/).first().waitFor();
  await picture(hers, 'failure-english');
  await hers.context().close();
});

test('the browser had nothing to complain about', () => {
  assert.deepEqual(browser.complaints, []);
});
