import { HUB_URL } from "@huggingface/hub";
import { HubError } from "./errors.ts";

/** A question to the hub that takes longer is given up. */
const ANSWER_MS = 30_000;

export interface HubOptions {
  /** Base URL of the hub, or of a mirror that speaks its protocol. */
  readonly endpoint?: string | undefined;
  /** URL of an HTTP proxy, for all requests; by default HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment decide. */
  readonly proxy?: string | undefined;
  /** An access token, for repositories that ask who one is. It goes to the endpoint's host and nowhere else. */
  readonly token?: string | undefined;
  /** Stops the work; what is thrown then is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface HubConnection {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly host: string;
  readonly fetch: typeof fetch;
  /** As `fetch`, but gives up after half a minute. */
  readonly ask: typeof fetch;
  readonly signal: AbortSignal | undefined;
}

/** @throws HubError where the endpoint or the proxy is no URL */
export async function connect({ endpoint = HUB_URL, proxy, token, signal }: HubOptions = {}): Promise<HubConnection> {
  const { host, href, origin } = httpUrl(endpoint, "endpoint");
  const hubFetch = withToken(await fetchThrough(proxy), origin, token);
  const ask: typeof fetch = (input, init) => {
    const timeout = AbortSignal.timeout(ANSWER_MS);
    return hubFetch(input, { ...init, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
  };
  return { endpoint: href.replace(/\/+$/, ""), host, fetch: hubFetch, ask, signal };
}

/** Where a redirect leads to another host, fetch itself leaves the token behind. */
function withToken(plain: typeof fetch, origin: string, token: string | undefined): typeof fetch {
  if (!token) return plain;
  return (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (URL.parse(url)?.origin !== origin) return plain(input, init);
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${token}`);
    return plain(input, { ...init, headers });
  };
}

/** The access token of the environment, by the names that the hub's own client knows. */
export function tokenOfEnvironment(): string | undefined {
  return process.env["HF_TOKEN"]?.trim() || process.env["HUGGING_FACE_HUB_TOKEN"]?.trim() || undefined;
}

const PROXY_VARIABLES = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"];

async function fetchThrough(proxy: string | undefined): Promise<typeof fetch> {
  if (!proxy && !PROXY_VARIABLES.some((name) => process.env[name])) return fetch;
  const url = proxy ? httpUrl(proxy, "proxy").href : undefined;
  // Loaded only here: it is large, and most machines have no proxy. Node's own fetch cannot be told of one.
  // By its default export: the bundler gives a CommonJS package no other.
  const { default: undici } = await import("undici");
  const dispatcher = new undici.EnvHttpProxyAgent(url === undefined ? {} : { httpProxy: url, httpsProxy: url });
  // The same functions as Node's, typed apart.
  const through = undici.fetch as unknown as (input: string | URL | Request, init: object) => Promise<Response>;
  return (input, init) => through(input, { ...init, dispatcher });
}

function httpUrl(text: string, what: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    // What stands before the host may be a name and a password.
    const shown = text.replace(/^.*@/s, "***@");
    throw new HubError(`The ${what} ${shown} is not a URL. It should look like https://host.example:8080.`);
  }
  return url;
}
