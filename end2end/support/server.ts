// A Turnwise of one's own: the real binary on a free port with an empty data directory.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const READY_WITHIN_MS = 20_000;
const STOPPED_WITHIN_MS = 12_000;
const COMMAND_WITHIN_MS = 60_000;

/** A running server. */
export interface Server {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  dataDirectory: string;
  /** What it wrote to stderr so far. */
  log(): string;
  /** Runs another command of the binary on the same data, such as `["admin", "bootstrap", …]`; returns stdout. */
  run(words: string[], input?: string): string;
  /** Ends it gracefully and deletes its data; fails when it does not end in time or not with 0. */
  stop(): Promise<void>;
}

/** What a server may be started with besides its defaults. */
export interface ServerOptions {
  /** More arguments for `turnwise serve`. */
  arguments?: string[];
  /** More environment variables. */
  environment?: Record<string, string>;
}

/** Starts a server with an empty data directory and waits until it answers. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "turnwise-e2e-"));
  const words = ["serve", "--listen", "127.0.0.1:0", "--data-dir", dataDirectory, ...(options.arguments ?? [])];
  const child = spawn(binary(), words, {
    // A configuration file in the current folder would count.
    cwd: dataDirectory,
    env: { ...plainEnvironment(), ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const note = noteRunning(child);
  const forget = () => {
    rmSync(note, { force: true });
    rmSync(dataDirectory, { recursive: true, force: true });
  };
  try {
    const url = await listeningAddress(child, () => log);
    return {
      url,
      dataDirectory,
      log: () => log,
      run: (more, input) => runBinary([...more, "--data-dir", dataDirectory], input),
      stop: async () => {
        const code = await end(child);
        forget();
        if (code !== 0) {
          throw new Error(`turnwise ended with ${code} instead of 0:\n${log}`);
        }
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    forget();
    throw error;
  }
}

/** Where running servers are noted, one file per process. */
export function runsDirectory(): string {
  return process.env.TURNWISE_E2E_RUNS ?? mkdtempSync(join(tmpdir(), "turnwise-e2e-runs-"));
}

/** Ends the servers that are still noted, by their process ids. */
export function stopLeftovers(): void {
  const directory = process.env.TURNWISE_E2E_RUNS;
  if (!directory) return;
  for (const name of readdirSync(directory)) {
    const { pid, binary: program } = JSON.parse(readFileSync(join(directory, name), "utf8"));
    if (isStill(pid, program)) process.kill(pid, "SIGKILL");
  }
  rmSync(directory, { recursive: true, force: true });
}

function binary(): string {
  const path = process.env.TURNWISE_BINARY;
  if (!path) throw new Error("TURNWISE_BINARY must name the built `turnwise`: run `cargo xtask test e2e`");
  return path;
}

/** Without settings of the person who runs the tests. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TURNWISE_")));
}

function listeningAddress(child: ChildProcess, log: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const failed = (why: string) => reject(new Error(`turnwise ${why}:\n${log()}`));
    const timer = setTimeout(() => failed(`did not answer within ${READY_WITHIN_MS} ms`), READY_WITHIN_MS);
    child.once("error", (error) => failed(`could not be started (${error.message})`));
    child.once("exit", (code) => failed(`ended with ${code} instead of serving`));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const address = /^listening on (http:\/\/\S+?)\/?$/.exec(line)?.[1];
      if (address) {
        clearTimeout(timer);
        resolve(address);
      }
    });
  });
}

function end(child: ChildProcess): Promise<number | string> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), STOPPED_WITHIN_MS);
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      resolve(code ?? signal ?? "nothing");
    });
    child.kill("SIGTERM");
  });
}

function runBinary(words: string[], input?: string): string {
  const done = spawnSync(binary(), words, { env: plainEnvironment(), input: input ?? "", encoding: "utf8", timeout: COMMAND_WITHIN_MS });
  if (done.status !== 0) throw new Error(`turnwise ${words.join(" ")} ended with ${done.status}:\n${done.stderr}`);
  return done.stdout;
}

function noteRunning(child: ChildProcess): string {
  const note = join(runsDirectory(), `${child.pid}.json`);
  writeFileSync(note, JSON.stringify({ pid: child.pid, binary: binary() }));
  return note;
}

/** Process ids are used again: only one that still runs this binary is ours. */
function isStill(pid: number, program: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(program);
  } catch {
    return false;
  }
}
