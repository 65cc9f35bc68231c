import { HubApiError } from "@huggingface/hub";

/** A download that failed. The message is for the user: what happened, to which file, what to do next. */
export class HubError extends Error {
  override readonly name = "HubError";
}

/** The hub wants to know who asks, or that its terms are accepted. */
export class HubDenied extends HubError {}

/** What a request was about, for the message. */
export interface RequestContext {
  /** Host of the hub. */
  readonly host: string;
  /** What was asked for, such as `the repository timm/resnet50`. */
  readonly what: string;
}

/** Says what a status means for the user. */
export function statusError(status: number, { host, what }: RequestContext, cause?: unknown): HubError {
  switch (status) {
    case 401:
    case 403:
      return new HubDenied(
        `${host} does not give out ${what}: it does not exist, is private, or wants its terms accepted first. ` +
          "Check the name; where there are terms, accept them on its page in a browser and give an access token " +
          "(HF_TOKEN on the command line).",
        { cause },
      );
    case 404:
      return new HubError(`${host} does not have ${what}. Check the name.`, { cause });
    case 407:
      return new HubError("The proxy wants a user name and a password. Put them into its URL and try again.", {
        cause,
      });
    default:
      return new HubError(`${host} answers with status ${status} when asked for ${what}. Try again later.`, { cause });
  }
}

/** Turns what the library or fetch threw into a sentence. A `HubError` stays as it is. */
export function explain(error: unknown, context: RequestContext): HubError {
  if (error instanceof HubError) return error;
  if (error instanceof HubApiError) return statusError(error.statusCode, context, error);
  if (error instanceof SyntaxError) return notUnderstood(context, error);
  return new HubError(
    `${context.host} cannot be reached (${reasonOf(error)}). Check the connection, the proxy and the endpoint, then try again.`,
    { cause: error },
  );
}

/** The answer is none that a hub gives: a captive portal, a wrong endpoint. */
export function notUnderstood({ host, what }: RequestContext, cause?: unknown): HubError {
  return new HubError(`${host} answers something unknown when asked for ${what}. Check that it is a model hub.`, {
    cause,
  });
}

/** The innermost reason: fetch hides it behind "fetch failed". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const { code } = error as NodeJS.ErrnoException;
  return error.message || String(code ?? error.name);
}
