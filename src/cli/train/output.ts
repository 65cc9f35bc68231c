import { SingleBar } from "cli-progress";
import {
  COMBINED,
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
  const note = (text: string) => {
    bar?.end();
    console.error(text);
  };
  return {
    note,
    event(event) {
      if (event.type === "progress") bar?.show(event);
      else if (event.type === "prepared") {
        bar?.end();
        console.log(describePrepared(event));
      } else for (const line of lines(event)) note(line);
    },
    result(result) {
      bar?.end();
      console.log(describe(result));
    },
    end: () => bar?.end(),
  };
}

function describePrepared({ folder, result, lines }: TrainedElsewhere): string {
  const start = ["Start it there, in that folder, by one of:", ...lines.map((line) => `  ${line}`)];
  const back = [`Bring the weights back to ${result},`, `then: lookalike train ... --import "${folder}"`];
  return [`Prepared: copy ${folder} to the machine that trains.`, ...start, ...back].join("\n");
}

function lines(event: TrainingEvent): string[] {
  switch (event.type) {
    case "data": {
      const { trainImages, trainClasses, testImages, testClasses, seconds, warnings } = event.data;
      const time = seconds === null ? "" : `; that will take about ${spanOf(seconds)}`;
      return [
        `${trainImages} images of ${trainClasses} classes to train on, ${testImages} of ${testClasses} held out${time}`,
        ...warnings.map((warning) => `note: ${warning}`),
      ];
    }
    case "device":
      return [`${event.work} on ${event.used}${event.reason === null ? "" : ` (${event.reason})`}`];
    case "baseline":
      return [`before: Recall@1 ${percent(event.recalls[COMBINED]!["recall@1"])} (combined, held-out images)`];
    case "evaluation": {
      const { epoch, recalls, validation, best } = event;
      const held = validation === undefined ? "" : `, MAP@R of the validation ${percent(validation)}`;
      return [
        `epoch ${epoch}: Recall@1 ${percent(recalls[COMBINED]!["recall@1"])}${held}${best ? ", the best so far" : ""}`,
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

function describe(result: TrainingResult): string {
  const { baseline, adapted, trained, withoutCopies, note, improved, model, epochs, seconds, stopped } = result;
  const columns: [string, Recalls][] = [
    ["before", baseline],
    ...(adapted === undefined ? [] : [["without labels", adapted] as [string, Recalls]]),
    ["trained", trained],
    ...(withoutCopies === undefined
      ? []
      : ([
          ["before, without copies", withoutCopies.baseline],
          ["trained, without copies", withoutCopies.trained],
        ] as [string, Recalls][])),
  ];
  const header = ["Recall@1", ...columns.map(([name]) => name)];
  const rows = Object.keys(trained).map((name) => [
    name,
    ...columns.map(([, recalls]) => percent(recalls[name]?.["recall@1"] ?? null)),
  ]);
  const widths = header.map((_, c) => Math.max(...[header, ...rows].map((row) => row[c]!.length)));
  const table = [header, ...rows].map((row) =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join("  "),
  );
  const told = note === null ? [] : ["", `The test: ${note}.`];
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

function percent(share: number | null): string {
  if (share === null) return "no figure";
  return `${(100 * share).toFixed(1)} %`;
}
