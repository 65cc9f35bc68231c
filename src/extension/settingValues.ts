/** What stands in place of a wrong value, and what would be right. */
export interface WrongSetting {
  /** Its full name. */
  readonly name: string;
  readonly value: unknown;
  readonly wanted: Wanted;
  readonly used: unknown;
}

type Wanted =
  | { readonly kind: "text" | "truth" | "list" }
  | { readonly kind: "number"; readonly least: number; readonly most: number }
  | { readonly kind: "choice"; readonly choices: readonly string[] };

/**
 * Settings as they are typed into a file, where anything may stand: VS Code hands on what is there, whatever the manifest says of it.
 * What is not of its kind counts as not set, and a number beyond its limits as the limit; both are told.
 */
export class SettingValues {
  readonly #get: (key: string) => unknown;
  readonly #wrong: (setting: WrongSetting) => void;
  readonly #section: string;

  /** @param get the value of a key of the section, undefined or null where there is none */
  constructor(section: string, get: (key: string) => unknown, wrong: (setting: WrongSetting) => void) {
    this.#section = section;
    this.#get = get;
    this.#wrong = wrong;
  }

  text(key: string): string {
    return this.#checked<string>(key, "", { kind: "text" }, (value) => typeof value === "string").trim();
  }

  truth(key: string, fallback: boolean): boolean {
    return this.#checked(key, fallback, { kind: "truth" }, (value) => typeof value === "boolean");
  }

  number(key: string, fallback: number, least: number, most: number): number {
    const wanted = { kind: "number", least, most } as const;
    const value = this.#checked<number>(key, fallback, wanted, (given) => Number.isFinite(given));
    const used = Math.min(most, Math.max(least, value));
    if (used !== value) this.#tell(key, value, wanted, used);
    return used;
  }

  choice<T extends string>(key: string, choices: readonly T[], fallback: T): T {
    return this.#checked(key, fallback, { kind: "choice", choices }, (value) => choices.includes(value as T));
  }

  /** Texts of a list; what is none in it is left out. */
  list(key: string): string[] {
    const value = this.#checked<readonly unknown[]>(key, [], { kind: "list" }, Array.isArray);
    const texts = value.filter((each) => typeof each === "string");
    if (texts.length < value.length) this.#tell(key, value, { kind: "list" }, texts);
    return texts;
  }

  #checked<T>(key: string, fallback: T, wanted: Wanted, fits: (value: unknown) => boolean): T {
    const value = this.#get(key);
    // A setting that is null is one that somebody took back.
    if (value === undefined || value === null) return fallback;
    if (fits(value)) return value as T;
    this.#tell(key, value, wanted, fallback);
    return fallback;
  }

  #tell(key: string, value: unknown, wanted: Wanted, used: unknown): void {
    this.#wrong({ name: `${this.#section}.${key}`, value, wanted, used });
  }
}
