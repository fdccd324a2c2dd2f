/** Draws a captured terminal screen (text with SGR colour sequences, as `tmux capture-pane -e` gives it) as SVG. */

const CELL_WIDTH = 8.4;
const LINE_HEIGHT = 18;
const PADDING = 16;
const TITLE_BAR = 30;
const PALETTE = ["#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9"];
const BRIGHT = ["#6b7489", "#ef8a92", "#b5e890", "#f5d899", "#85c6ff", "#dca0f0", "#7fd6e0", "#ffffff"];

interface Style {
  colour: string;
  bold: boolean;
  dim: boolean;
}

interface Span extends Style {
  column: number;
  text: string;
}

/** `screen` as a complete SVG document of `columns` by as many rows as there are lines. */
export function ansiToSvg(screen: string, title: string, columns = 80): string {
  const lines = screen.replace(/\n+$/, "").split("\n");
  const width = Math.ceil(columns * CELL_WIDTH + 2 * PADDING);
  const height = Math.ceil(lines.length * LINE_HEIGHT + 2 * PADDING + TITLE_BAR);
  let style = plain();
  const rows = lines.map((line, row) => {
    const parsed = parseLine(line, style);
    style = parsed.style;
    const y = TITLE_BAR + PADDING + row * LINE_HEIGHT + 13;
    return parsed.spans.map((span) => drawSpan(span, y)).join("");
  });
  const dots = ["#ff5f56", "#ffbd2e", "#27c93f"].map((fill, i) =>
    `<circle cx="${18 + i * 18}" cy="15" r="5.5" fill="${fill}"/>`
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="#1e2229"/>`,
    ...dots,
    `<text x="${width / 2}" y="20" fill="#8a93a5" font-family="sans-serif" font-size="12" text-anchor="middle">${
      escape(title)
    }</text>`,
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" xml:space="preserve">`,
    ...rows.filter((row) => row !== ""),
    "</g></svg>",
    "",
  ].join("\n");
}

function plain(): Style {
  return { colour: "#d8dee9", bold: false, dim: false };
}

function parseLine(line: string, start: Style): { spans: Span[]; style: Style } {
  const spans: Span[] = [];
  let style = start;
  let column = 0;
  // Text and escape sequences by turns.
  for (const part of line.split(new RegExp("(\u001b\\[[0-9;]*m)"))) {
    if (part.startsWith("\u001b")) {
      style = applySgr(style, part.slice(2, -1));
    } else if (part !== "") {
      spans.push({ ...style, column, text: part });
      column += [...part].length;
    }
  }
  return { spans, style };
}

function applySgr(style: Style, parameters: string): Style {
  let next = { ...style };
  const codes = parameters.split(";").map(Number);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code === 0) next = plain();
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code >= 30 && code <= 37) next.colour = PALETTE[code - 30]!;
    else if (code >= 90 && code <= 97) next.colour = BRIGHT[code - 90]!;
    else if (code === 39) next.colour = plain().colour;
    else if (code === 38 && codes[i + 1] === 5) i += 2;
  }
  return next;
}

function drawSpan(span: Span, y: number): string {
  if (span.text.trim() === "") return "";
  const attributes = [
    `x="${(PADDING + span.column * CELL_WIDTH).toFixed(1)}"`,
    `y="${y}"`,
    `fill="${span.colour}"`,
    `textLength="${([...span.text].length * CELL_WIDTH).toFixed(1)}"`,
    span.bold ? `font-weight="bold"` : "",
    span.dim ? `opacity="0.65"` : "",
  ];
  return `<text ${attributes.filter(Boolean).join(" ")}>${escape(span.text)}</text>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
