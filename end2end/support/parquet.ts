// Reads a Parquet file with something that is not ours: DuckDB, which `cargo xtask test` installs from PyPI.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** One column. */
export interface ParquetColumn {
  /** DuckDB's type: `VARCHAR`, `BIGINT`, `DOUBLE`, `BOOLEAN`, `TIMESTAMP WITH TIME ZONE`, `JSON`. */
  type: string;
  /** Values that are not null. */
  known: number;
  distinct: number;
  min: string | null;
  max: string | null;
  /** Of numbers; of flags, how many are true; otherwise null. */
  sum: number | null;
}

/** What is in a file. */
export interface ParquetFile {
  rows: number;
  columns: string[];
  aggregates: Record<string, ParquetColumn>;
  /** The first five rows. */
  sample: Record<string, string | number | boolean | null>[];
}

/** What a Parquet file holds. */
export function readParquet(file: string): ParquetFile {
  const done = spawnSync("python3", [join(import.meta.dirname, "parquet.py"), file], {
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH: packages() },
    maxBuffer: 64 << 20,
  });
  if (done.status !== 0) {
    throw new Error(`DuckDB could not read ${file}:\n${done.stderr || done.error?.message}`);
  }
  return JSON.parse(done.stdout) as ParquetFile;
}

/** Where `cargo xtask test` put DuckDB. */
function packages(): string {
  const told = process.env.TURNWISE_DUCKDB;
  if (told && existsSync(told)) return told;
  throw new Error("TURNWISE_DUCKDB does not name a folder with DuckDB: run `cargo xtask test e2e`, which installs it");
}
