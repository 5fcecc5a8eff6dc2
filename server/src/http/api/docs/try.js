// Lists the operations of openapi.json and sends requests. Everything is set as text, nothing as HTML.

const place = document.getElementById("operations");
const key = document.getElementById("key");

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child != null));
  return element;
}

function resolve(spec, schema) {
  while (schema?.$ref) schema = schema.$ref.slice(2).split("/").reduce((at, name) => at?.[name], spec);
  return schema ?? {};
}

// An example value for a schema, to begin with.
function example(spec, schema, depth = 0) {
  schema = resolve(spec, schema);
  if (schema.example !== undefined) return schema.example;
  if (depth > 6) return null;
  const variants = schema.allOf ?? schema.oneOf ?? schema.anyOf;
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => example(spec, part, depth + 1)));
  if (variants) return example(spec, variants[0], depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object" || schema.properties) {
    return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, of]) => [name, example(spec, of, depth + 1)]));
  }
  if (type === "array") return [example(spec, schema.items, depth + 1)];
  if (type === "integer" || type === "number") return 0;
  if (type === "boolean") return false;
  return schema.enum?.[0] ?? "";
}

function field(parameter) {
  const note = [parameter.in, parameter.required ? "required" : "optional"].join(", ");
  const input = make("input", { name: parameter.name, required: Boolean(parameter.required), spellcheck: false });
  const label = make("label", {}, make("span", {}, parameter.name + " ", make("small", { textContent: `${note}. ${parameter.description ?? ""}` })), input);
  return { parameter, input, label };
}

async function send(method, path, fields, body, shown) {
  const query = new URLSearchParams();
  let address = path;
  for (const { parameter, input } of fields) {
    if (parameter.in === "path") address = address.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (parameter.in === "query" && input.value !== "") query.set(parameter.name, input.value);
  }
  if (query.size > 0) address += `?${query}`;
  const headers = {};
  if (key.value.trim() !== "") headers.authorization = `Bearer ${key.value.trim()}`;
  if (body) headers["content-type"] = "application/json";
  shown.hidden = false;
  shown.textContent = "…";
  const started = performance.now();
  try {
    const response = await fetch(address, { method, headers, body: body?.value });
    const text = await response.text();
    let pretty = text;
    try { pretty = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON, shown as it is */ }
    const head = `${response.status} ${response.statusText} · ${Math.round(performance.now() - started)} ms · request ${response.headers.get("x-request-id") ?? "?"}`;
    shown.textContent = `${method} ${address}\n${head}\n\n${pretty}`;
  } catch (error) {
    shown.textContent = `The request could not be sent: ${error.message}`;
  }
}

function operation(spec, path, method, described, shared) {
  const fields = [...shared, ...(described.parameters ?? [])].map((parameter) => field(resolve(spec, parameter)));
  const schema = resolve(spec, described.requestBody)?.content?.["application/json"]?.schema;
  const body = schema && make("textarea", { name: "body", spellcheck: false, value: JSON.stringify(example(spec, schema), null, 2) });
  const shown = make("pre", { hidden: true, tabIndex: 0 });
  shown.setAttribute("aria-live", "polite");
  const form = make("form", {},
    ...fields.map(({ label }) => label),
    body && make("label", {}, make("span", { textContent: "body (JSON)" }), body),
    make("button", { textContent: "Send" }), shown);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(method.toUpperCase(), path, fields, body, shown);
  });
  return make("details", {},
    make("summary", {}, make("span", { className: "method", textContent: method.toUpperCase() }), make("code", { textContent: path }), make("span", { textContent: described.summary ?? "" })),
    make("p", { className: "about", textContent: described.description ?? "" }), form);
}

function list(spec) {
  const groups = new Map((spec.tags ?? []).map((tag) => [tag.name, { about: tag.description, operations: [] }]));
  const methods = ["get", "post", "put", "patch", "delete"];
  for (const [path, item] of Object.entries(spec.paths)) {
    for (const method of methods.filter((method) => item[method])) {
      const name = item[method].tags?.[0] ?? "other";
      if (!groups.has(name)) groups.set(name, { operations: [] });
      groups.get(name).operations.push(operation(spec, path, method, item[method], item.parameters ?? []));
    }
  }
  place.replaceChildren(make("p", { className: "about", textContent: spec.info.description ?? "" }));
  for (const [name, { about, operations }] of groups) {
    if (operations.length > 0) place.append(make("section", {}, make("h2", { textContent: name }), make("p", { className: "about", textContent: about ?? "" }), ...operations));
  }
}

try {
  const response = await fetch("/api/v1/openapi.json");
  if (!response.ok) throw new Error(`status ${response.status}`);
  list(await response.json());
} catch (error) {
  place.replaceChildren(make("p", { textContent: `The list of operations could not be loaded (${error.message}). Reload the page to try again.` }));
}
