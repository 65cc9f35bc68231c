/** A window whose index lies in a PostgreSQL that asks for a password. */
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ensureEmoji } from "../fixtures/emoji.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "../fixtures/postgresServer.ts";
import { commandLine } from "./support/commandLine.ts";
import { pathsIn } from "./support/similarWindow.ts";
import { keepPicture, openWindow, type TestWindow } from "./support/window.ts";

const PASSWORD = "correct horse %40";
const reason = postgresPrograms === undefined ? " (skipped: PostgreSQL is not installed)" : "";

describe.skipIf(postgresPrograms === undefined)(`a window on a database${reason}`, () => {
  let root: string;
  let server: PostgresServer;
  let window: TestWindow | undefined;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "lookalike-database-"));
    chmodSync(root, 0o755);
    const rules = join(root, "hba.conf");
    writeFileSync(rules, "host all lookalike localhost trust\nhost all all localhost scram-sha-256\n");
    server = await startPostgres([`hba_file=${rules}`]);
    await server.sql(`create role ann login superuser password '${PASSWORD}'`);
  });
  afterEach(async ({ task }) => {
    if (window !== undefined && task.result?.state === "fail") await keepPicture(window, task.name);
    await window?.close();
    window = undefined;
  });
  afterAll(async () => {
    await server?.remove();
    rmSync(root, { recursive: true, force: true });
  });

  test("it asks for the password, indexes into the database, and shows what others add", async () => {
    const { folder, images } = await ensureEmoji({ classes: 6, minArtists: 4, maxArtists: 4 });
    const location = server.address("team/drawings", { user: "ann" });
    const paths = images.slice(0, 12).map(({ path }) => path);
    window = await openWindow({
      // Nothing is found by looking, neither at the files nor at the database.
      machineSettings: {
        "lookalike.index.location": location,
        "lookalike.index.watch": false,
        "lookalike.index.refresh": 3600,
      },
      fill: async (target) => {
        for (const [i, path] of paths.entries()) copyFileSync(join(folder, path), join(target, `${i}.png`));
      },
    });
    const { workbench, page, userData } = window;
    await workbench.contextMenu(workbench.row("0.png"), "Find Similar Images");
    const view = workbench.webview();
    const notice = view.locator(".notice", { hasText: "Set Database Password" });
    await notice.waitFor({ timeout: 90_000 });
    await keepPicture(window, "database asks for a password");
    await notice.getByRole("button", { name: "Enter password..." }).click();
    const input = page.locator(".quick-input-widget input").first();
    await input.waitFor();
    expect(await input.getAttribute("type")).toBe("password");
    // A wrong one is refused, and asked for again.
    await input.fill("wrong horse");
    await input.press("Enter");
    const refused = view.locator(".notice", { hasText: "refuses this user" });
    await refused.waitFor({ timeout: 60_000 });
    expect(await refused.textContent()).not.toContain("wrong horse");
    await refused.getByRole("button", { name: "Enter password..." }).click();
    await input.waitFor();
    expect(await input.inputValue()).toBe("");
    await input.fill(PASSWORD);
    await input.press("Enter");
    await page.locator(".statusbar-item", { hasText: "The password is kept" }).waitFor();
    // What failed without it is done again by itself.
    await workbench.results("0.png");
    // The picture that could not be had before is there now.
    await view.locator("header img").first().waitFor();
    expect(await pathsIn(view, "combined")).toHaveLength(11);
    await keepPicture(window, "database results");
    // The first lists are of images that were looked at before any was indexed.
    const rows = () => server.sql("select count(*)::int as n from lookalike.image");
    await expect.poll(rows, { timeout: 60_000 }).toEqual([{ n: 12 }]);

    // Another process adds an image: the next search has it.
    copyFileSync(join(folder, paths[0]!), join(window.folder, "copy.png"));
    const there = { ...window, env: { ...window.env, PGPASSWORD: PASSWORD } };
    commandLine(there, "index", window.folder, "--index", location);
    await workbench.contextMenu(workbench.row("1.png"), "Find Similar Images");
    await workbench.results("1.png");
    expect(await pathsIn(view, "combined")).toContain("copy.png");

    // Another one: the open panel and the status bar show it without being asked.
    copyFileSync(join(folder, paths[1]!), join(window.folder, "unasked.png"));
    commandLine(there, "index", window.folder, "--index", location);
    await expect.poll(() => pathsIn(view, "combined"), { timeout: 60_000 }).toContain("unasked.png");
    await page.locator(".statusbar-item", { hasText: "14 images" }).waitFor();
    await keepPicture(window, "database shows what others added");

    for (const file of readdirSync(userData, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const text = readFileSync(join(file.parentPath, file.name), "latin1");
      expect(text.includes("correct horse"), file.name).toBe(false);
      expect(text.includes("wrong horse"), file.name).toBe(false);
    }
  });
});
