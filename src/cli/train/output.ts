import { SingleBar } from "cli-progress";
import {
  COMBINED,
  count,
  intervalText,
  type Recalls,
  type TrainedElsewhere,
  type TrainingEvent,
  type TrainingPhase,
  type TrainingResult,
} from "../../shared/index.ts";

export interface TrainingOutput {
  event(event: TrainingEvent): void;
  result(result: TrainingResult): void;
  /** For people, on stderr. */
  note(text: string): void;
  /** Takes the progress away. */
  end(): void;
}

/** @param json events and result as JSON lines on stdout */
export function trainingOutput(json: boolean): TrainingOutput {
  if (json) {
    return {
      event: (event) => {
        // The result is the last line, by itself.
        if (event.type !== "done") console.log(JSON.stringify(event));
      },
      result: (result) => console.log(JSON.stringify(result)),
      note: (text) => console.error(text),
      end: () => {},
    };
  }
  const bar = process.stderr.isTTY ? progressBar() : undefined;
  let queries = 0;
  const note = (text: string) => {
    bar?.end();
    console.error(text);
  };
  return {
    note,
    event(event) {
      if (event.type === "baseline") queries = event.basis?.queries ?? 0;
      if (event.type === "progress") bar?.show(event);
      else if (event.type === "prepared") {
        bar?.end();
        console.log(describePrepared(event));
      } else for (const line of lines(event, queries)) note(line);
    },
    result(result) {
      bar?.end();
      console.log(describe(result, queries));
    },
    end: () => bar?.end(),
  };
}

function describePrepared({ folder, result, lines }: TrainedElsewhere): string {
  const start = ["Start it there, in that folder, by one of:", ...lines.map((line) => `  ${line}`)];
  const back = [`Bring the weights back to ${result},`, `then: lookalike train ... --import "${folder}"`];
  return [`Prepared: copy ${folder} to the machine that trains.`, ...start, ...back].join("\n");
}

/** @param queries that the figures are of; 0 where that is not known */
function lines(event: TrainingEvent, queries: number): string[] {
  switch (event.type) {
    case "data": {
      const { trainImages, trainClasses, testImages, testClasses, seconds, warnings } = event.data;
      const time = seconds === null ? "" : `; that will take about ${spanOf(seconds)}`;
      return [
        `${count(trainImages, "image")} of ${count(trainClasses, "class")} to train on, ${testImages} of ${testClasses} held out${time}`,
        ...warnings.map((warning) => `note: ${warning}`),
      ];
    }
    case "device":
      return [`${event.work} on ${event.used}${event.reason === null ? "" : ` (${event.reason})`}`];
    case "baseline":
      return [
        `before: Recall@1 ${percent(event.recalls[COMBINED]!["recall@1"], queries)} (combined, 95 % interval; ${count(queries, "query")} of held-out images)`,
      ];
    case "evaluation": {
      const { epoch, recalls, validation, best } = event;
      const held = validation === undefined ? "" : `, MAP@R of the validation ${percent(validation)}`;
      return [
        `epoch ${epoch}: Recall@1 ${percent(recalls[COMBINED]!["recall@1"], queries)}${held}${best ? ", the best so far" : ""}`,
      ];
    }
    case "warning":
      return [`note: ${event.message}`];
    case "paused":
    case "resumed":
      return [event.type];
    default:
      return [];
  }
}

function spanOf(seconds: number): string {
  return seconds < 120 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

const WORK: Readonly<Record<TrainingPhase, string>> = {
  preparing: "Preparing",
  embedding: "Embedding",
  training: "Training",
  evaluating: "Evaluating",
  writing: "Writing",
};

type Progress = Extract<TrainingEvent, { type: "progress" }>;

function progressBar(): { show(progress: Progress): void; end(): void } {
  const bar = new SingleBar({
    format: "{work} {bar} {value}/{total} · {rate} images/s · {left}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    hideCursor: true,
    stream: process.stderr,
  });
  let shown: TrainingPhase | undefined;
  const end = () => {
    if (shown !== undefined) bar.stop();
    shown = undefined;
  };
  return {
    show({ phase, done, total, imagesPerSecond, secondsLeft }) {
      if (phase === "preparing" || phase === "writing") return;
      const left = secondsLeft === null ? "" : `${Math.ceil(secondsLeft)} s left`;
      const payload = { work: WORK[phase], rate: imagesPerSecond.toFixed(0), left };
      if (shown !== phase) {
        end();
        bar.start(total, done, payload);
        shown = phase;
      } else bar.update(done, payload);
    },
    end,
  };
}

function describe(result: TrainingResult, queries: number): string {
  const { baseline, adapted, trained, withoutCopies, note, improved, model, epochs, seconds, stopped } = result;
  // How many of the queries have another answer than a copy is not told.
  const columns: [string, Recalls, number][] = [
    ["before", baseline, queries],
    ...(adapted === undefined ? [] : [["without labels", adapted, queries] as [string, Recalls, number]]),
    ["trained", trained, queries],
    ...(withoutCopies === undefined
      ? []
      : ([
          ["before, without copies", withoutCopies.baseline, 0],
          ["trained, without copies", withoutCopies.trained, 0],
        ] as [string, Recalls, number][])),
  ];
  const header = ["Recall@1", ...columns.map(([name]) => name)];
  const rows = Object.keys(trained).map((name) => [
    name,
    ...columns.map(([, recalls, n]) => percent(recalls[name]?.["recall@1"] ?? null, n)),
  ]);
  const widths = header.map((_, c) => Math.max(...[header, ...rows].map((row) => row[c]!.length)));
  const table = [header, ...rows].map((row) =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join("  "),
  );
  const measured = `${count(queries, "query")}; 95 % intervals`;
  const told = note === null ? ["", `The test: ${measured}.`] : ["", `The test: ${note}; ${measured}.`];
  const verdict =
    improved || (withoutCopies ?? result).trained[COMBINED]!["recall@1"] === null
      ? []
      : ["", "Training did not beat the model it started from on the held-out images: keep that one."];
  const worse =
    adapted !== undefined && (trained[COMBINED]!["recall@1"] ?? 0) < (adapted[COMBINED]!["recall@1"] ?? 0) && improved
      ? ["", "The model that is adapted without labels finds more: --mode whiten writes it."]
      : [];
  const when = `${stopped ? "stopped; " : ""}${epochs} epochs in the best, ${seconds.toFixed(0)} s`;
  return [...table, ...told, ...verdict, ...worse, "", `${model}: ${when}`].join("\n");
}

/** @param queries of the interval, which is left out where they are not known */
function percent(share: number | null, queries = 0): string {
  if (share === null) return "no figure";
  return `${(100 * share).toFixed(1)} %${queries > 0 ? ` (${intervalText(share, queries)})` : ""}`;
}
