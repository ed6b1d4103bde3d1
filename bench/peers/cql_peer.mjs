// A peer: the rule as ELM, the compiled form of HL7's Clinical Quality Language, run by cql-execution.
//
//     node bench/peers/cql_peer.mjs IN.csv OUT.csv      (in the folder that has node_modules/cql-execution)
//
// The only peer with three-valued logic of its own. The ELM is written by hand, apart from the tree of rule.py.
// The table must have no quoted cells; reading it is a small part of the time.

import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// A module import would look beside this file, where nothing is installed.
const cql = createRequire(`${process.cwd()}/`)("cql-execution");

const get = (path) => ({ type: "Property", path, source: { type: "ExpressionRef", name: "Patient" } });
const fold = (type) => (...operands) => operands.reduce((left, right) => ({ type, operand: [left, right] }));
const and = fold("And");
const or = fold("Or");
const any = (...columns) => or(...columns.map(get));
const above = (path, limit) => ({
  type: "Greater",
  operand: [get(path), { type: "Literal", valueType: "{urn:hl7-org:elm-types:r1}Decimal", value: String(limit) }],
});

const NUMBERS = ["plasma_vegf", "platelets"];
const FLAGS = [
  "polyneuropathy", "monoclonal_plasma_cell_disorder", "castleman_disease", "sclerotic_bone_lesion", "hepatomegaly",
  "splenomegaly", "lymphadenopathy", "peripheral_edema", "pleural_effusion", "ascites", "hypogonadism", "gynecomastia",
  "hyperpigmentation", "hypertrichosis", "hemangioma", "white_nails", "acrocyanosis", "papilledema",
];

const MAYO = and(
  get("polyneuropathy"),
  get("monoclonal_plasma_cell_disorder"),
  or(get("castleman_disease"), get("sclerotic_bone_lesion"), above("plasma_vegf", 200)),
  or(
    any("hepatomegaly", "splenomegaly", "lymphadenopathy"),
    any("peripheral_edema", "pleural_effusion", "ascites"),
    any("hypogonadism", "gynecomastia"),
    any("hyperpigmentation", "hypertrichosis", "hemangioma", "white_nails", "acrocyanosis"),
    get("papilledema"),
    above("platelets", 450),
  ),
);

const ELM = {
  library: {
    identifier: { id: "Mayo", version: "1" },
    schemaIdentifier: { id: "urn:hl7-org:elm", version: "r1" },
    usings: { def: [{ localIdentifier: "System", uri: "urn:hl7-org:elm-types:r1" }] },
    statements: {
      def: [
        {
          name: "Patient",
          context: "Patient",
          expression: {
            type: "SingletonFrom",
            operand: { type: "Retrieve", dataType: "{https://github.com/cqframework/cql-execution/simple}Patient" },
          },
        },
        { name: "Met", context: "Patient", expression: MAYO },
      ],
    },
  },
};

const flag = (text) => {
  if (text !== "true" && text !== "false") throw new Error(`neither true nor false: ${text}`);
  return text === "true";
};

const number = (text) => {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`not a number: ${text}`);
  return value;
};

/** Turns a header into a reader of its rows: the cell of the id, and the known values that the rule uses. */
function reader(header) {
  const place = (column) => {
    const index = header.indexOf(column);
    if (index < 0) throw new Error(`no column ${column}`);
    return index;
  };
  const wanted = [
    ...FLAGS.map((column) => [column, place(column), flag]),
    ...NUMBERS.map((column) => [column, place(column), number]),
  ];
  const id = place("id");
  return (cells) => {
    const known = {};
    for (const [column, index, read] of wanted) if (cells[index] !== "") known[column] = read(cells[index]);
    return [cells[id], known];
  };
}

const VERDICTS = new Map([[true, "met"], [false, "not met"], [null, "undetermined"]]);
const BATCH = 1000; // the executor keeps every result of a call: the whole table in one would take memory without end

/** Answers in the order of the table, also where an id comes twice: the results hang on the id, so each row is given its own. */
async function answer(executor, rows, out) {
  const patients = rows.map(([, known], index) => Object.assign(known, { id: `n${index}` }));
  const { patientResults } = await executor.exec_expression("Met", new cql.PatientSource(patients));
  const lines = rows.map(([id], index) => `${id},${VERDICTS.get(patientResults[`n${index}`].Met)}\n`);
  if (!out.write(lines.join(""))) await once(out, "drain");
}

async function main(source, target) {
  if (!target) throw new Error("usage: cql_peer.mjs IN.csv OUT.csv");
  const executor = new cql.Executor(new cql.Library(ELM));
  const out = createWriteStream(target);
  out.write("id,verdict\n");
  let read;
  let rows = [];
  for await (const line of createInterface({ input: createReadStream(source), crlfDelay: Infinity })) {
    if (line.includes('"')) throw new Error("this peer reads no quoted cells");
    const cells = line.split(",");
    if (read) rows.push(read(cells));
    else read = reader(cells);
    if (rows.length === BATCH) await answer(executor, rows.splice(0), out);
  }
  await answer(executor, rows, out);
  out.end();
}

await main(...process.argv.slice(2));
