/* The live picture of chapters/applications/small_series.md: four numbers to move, and how three
   networks go on from them.  They differ in what they read, as `raw`, `from_last` and `in_steps`
   of the page do: a window without an offset and a scale, which the answer gets back. */
"use strict";

(() => {
  const WAYS = [
    { id: "raw-numbers-model", label: "raw numbers", colour: "purple", see: (x) => [x, 0, 1] },
    { id: "last-value-subtracted-model", label: "last value subtracted", colour: "green", see: (x) => [x.map((one) => one - x.at(-1)), x.at(-1), 1] },
    {
      id: "steps-divided-by-their-size-model", label: "steps, divided by their size", colour: "orange",
      see(x) {
        const steps = x.slice(1).map((one, k) => one - x[k]);
        const size = steps.reduce((sum, one) => sum + Math.abs(one), 0) / steps.length || 1;
        return [steps.map((one) => one / size), x.at(-1), size];
      },
    },
  ];
  const AHEAD = 3;
  const models = WAYS.map(({ id }) => LiveChart.model(id));
  const nets = [];
  const { start } = models[0].extra;

  /** Return the next numbers, each from a window that holds the answers before it. */
  function goOn(k, values) {
    nets[k] ??= LiveLSTM.load(models[k]);
    const row = [...values];
    while (row.length < values.length + AHEAD) {
      const [shown, offset, scale] = WAYS[k].see(row.slice(-values.length));
      row.push(offset + scale * nets[k].run(shown.map((one) => [one])).at(-1).output[0]);
    }
    return row.slice(values.length);
  }

  const written = (value) => value.toFixed(1).replace("-", "\u2212");

  function picture(values, answers) {
    const last = values.length - 1;
    const said = answers.map(([next], k) => `${WAYS[k].label} ${written(next)}`);
    return {
      curves: answers.map((row, k) => ({ label: WAYS[k].label, colour: WAYS[k].colour, values: [values[last], ...row].map((y, j) => [last + j, y]) })),
      says: `Last value plus last step: ${written(2 * values[last] - values[last - 1])}. The networks: ${said.join("; ")}.`,
    };
  }

  const chart = LiveChart.start("small-series-live", {
    label: "Four numbers, and how three networks go on from them",
    pointsLabel: "four numbers: drag them", xLabel: "place", yLabel: "number",
    points: start, min: -20, max: 120, yRange: [-40, 140], xRange: [0, start.length + AHEAD - 1],
    xTicks: Array.from({ length: start.length + AHEAD }, (_, k) => [k, String(k + 1)]),
    name: (k) => `number ${k + 1}`,
    ...picture(start, models.map(({ extra }) => extra.first)),
    answer: (values) => picture(values, WAYS.map((_, k) => goOn(k, values))),
  });

  const row = document.createElement("div");
  row.style.cssText = "display: flex; flex-wrap: wrap; gap: 0.3rem 0.8rem; margin: 0.4rem 0 0.6rem";
  for (const [words, values] of [["2, 4, 6, 8", [2, 4, 6, 8]], ["the same, 50 higher", [52, 54, 56, 58]], ["falling", [60, 55, 50, 45]], ["doubling", [5, 10, 20, 40]]]) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "lc-reset", textContent: words });
    button.addEventListener("click", () => chart.set(values));
    row.append(button);
  }
  document.querySelector("#small-series-live .lc-says").before(row);
})();
