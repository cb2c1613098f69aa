// Debian's chromium before the page. Pictures go to COFRE_SCREENSHOTS.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { password, until } from './service.mjs';

const pictures = process.env.COFRE_SCREENSHOTS ?? join(import.meta.dirname ?? '.', '../../build/web-screenshots');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

export class Browser {
  static async launch(url) {
    mkdirSync(pictures, { recursive: true });
    const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell';
    return new Browser(await chromium.launch({ executablePath, args: ['--no-sandbox'] }), url);
  }

  constructor(chrome, url) {
    this.chrome = chrome;
    this.url = url;
    this.complaints = []; // errors of scripts, and what the content policy refused
  }

  // A page of its own, without cookies; in Spanish unless said otherwise.
  async open(options = {}) {
    const context = await this.chrome.newContext({
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
    made.setDefaultTimeout(20_000); // other tests run beside it
    const underWay = new Set(); // requests; the stream of events never ends
    made.on('request', (request) => request.url().endsWith('/events') || underWay.add(request));
    for (const end of ['requestfinished', 'requestfailed']) made.on(end, (request) => underWay.delete(request));
    made.settled = () => until('the answers', () => underWay.size === 0).then(() => made.waitForTimeout(150));
    made.on('pageerror', (error) => this.complaints.push(String(error)));
    made.on('console', (message) => {
      if (message.type() === 'error' && !/status of (400|401|404|409|410|412)/.test(message.text())) this.complaints.push(message.text());
    });
    return made;
  }

  async signIn(on, user) {
    await on.goto(`${this.url}/`);
    await on.locator('#user').fill(user);
    await on.locator('#password').fill(password);
    await on.locator('form button[type=submit]').click();
    await on.locator('#contenido h1').waitFor();
  }

  async close() {
    await this.chrome.close();
  }
}

// A dialog that is open for good: at the end of its opening it takes the focus, also from a field that is being filled.
export async function opened(on, options) {
  const dialog = on.getByRole('dialog', options);
  await dialog.locator(':focus').waitFor();
  return dialog;
}

// The whole page as it is.
export async function snapshot(on, name) {
  await on.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

// The whole page once its answers are there.
export async function picture(on, name) {
  await on.settled();
  await snapshot(on, name);
}

export async function axe(on, what) {
  await on.evaluate(axeSource);
  const found = await on.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const serious = found.violations.filter((one) => ['serious', 'critical'].includes(one.impact));
  assert.deepEqual(
    serious.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(' ')}`),
    [],
    what,
  );
}

// Fails where something is wider than the screen.
export async function assertFits(on, what) {
  const width = await on.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= on.viewportSize().width, `${what} is ${width} wide`);
}

// Fails where a table has columns that are seen only by scrolling sideways.
export async function assertTablesFit(on, what) {
  const cut = await on.evaluate(() =>
    [...document.querySelectorAll('.p-datatable-table-container')]
      .filter((container) => container.scrollWidth > container.clientWidth)
      .map((container) => `${container.innerText.slice(0, 60)}: ${container.scrollWidth} in ${container.clientWidth}`),
  );
  assert.deepEqual(cut, [], what);
}
