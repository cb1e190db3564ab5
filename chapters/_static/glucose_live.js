/* The live picture of chapters/applications/glucose.md: an hour of readings to move, the band of
   the hour to come, and whether the alarm would ring.  A lesson, no medical device.

   The model reads three numbers a step (value, change, age) and says twelve leads of three
   quantiles, as `describe` and `predict` of the page do.  It runs when something is moved. */
"use strict";

(() => {
  const model = LiveChart.model("glucose-model");
  const { mean, std, start, first, levels, judged } = model.extra;
  const [LOW, MOVED] = [70, 12]; // mg/dl; readings of the last hour
  const older = start.slice(0, -MOVED);
  let net = null;

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  const level = make("input", { type: "range", min: levels[0], max: levels.at(-1), step: 5, value: 70 });
  const shown = make("output", {}, "70 mg/dl");
  const silence = make("select", {}, ...[0, 10, 20, 30].map((minutes) => new Option(minutes ? `${minutes} minutes` : "not at all", minutes)));
  level.style.cssText = "accent-color: var(--course-blue); min-height: 2.5rem; vertical-align: middle; max-width: 9rem";
  silence.style.cssText = "min-height: 2.5rem; color: var(--course-ink); background: var(--course-paper); border: 1px solid var(--course-grey); border-radius: 9px";

  /** Return the quantiles [[5 %, 50 %, 95 %], ...] of twelve leads; the last readings may be gone. */
  function forecast(readings, gone) {
    net ??= LiveLSTM.load(model);
    const kept = readings.length - gone;
    const filled = readings.map((_, t) => readings[Math.min(t, kept - 1)]);
    const xs = filled.map((value, t) => [(value - mean) / std, t ? (value - filled[t - 1]) / 10 : 0, Math.max(0, t - kept + 1) / 6]);
    const { output } = net.run(xs).at(-1);
    return Array.from({ length: output.length / 3 }, (_, k) => [0, 1, 2].map((j) => filled.at(-1) + std * output[3 * k + j]));
  }

  function picture(readings, gone, quantiles) {
    const limit = Number(level.value);
    const last = readings.at(-1 - gone);
    const [lower, middle, upper] = quantiles[5].map((value) => Math.round(value));
    const [found, rings] = judged[levels.indexOf(limit)];
    const alarm = last < LOW ? "It is low already, so this alarm is silent." : `The alarm ${quantiles[5][0] < limit ? "rings" : "is silent"} at level ${limit}.`;
    const here = [-5 * gone, last];
    return {
      curves: [
        { label: "the hour before", colour: "grey", values: [...older, readings[MOVED]].map((value, k) => [-115 + 5 * k, value]) },
        { label: "median", colour: "orange", values: [here, ...quantiles.map(([, q], k) => [5 * k + 5, q])] },
        { label: "alarm level", colour: "red", dashed: true, values: [[-120, limit], [60, limit]] },
      ],
      band: { label: "nine in ten", colour: "orange", values: [[...here, last], ...quantiles.map(([low, , high], k) => [5 * k + 5, low, high])] },
      says: `In 30 minutes: ${middle} mg/dl, nine in ten between ${lower} and ${upper}. ${alarm} `
        + `On the test days this level rang ${rings.toFixed(1)} times a day and found ${Math.round(100 * found)} % of the lows in time.`,
    };
  }

  function answer(values) {
    const readings = [...older, ...values];
    const gone = Number(silence.value) / 5;
    return picture(readings, gone, forecast(readings, gone));
  }

  const chart = LiveChart.start("glucose-live", {
    label: "Glucose of two hours, and a forecast of the next with its band",
    pointsLabel: "the last hour: drag it", yLabel: "mg/dl",
    points: start.slice(-MOVED), x: Array.from({ length: MOVED }, (_, k) => 5 * k - 55),
    min: 50, max: 250, yRange: [50, 250], xRange: [-120, 60],
    xTicks: [[-120, "\u22122 h"], [-60, "\u22121 h"], [0, "now"], [60, "+1 h"]],
    name: (k) => (k < MOVED - 1 ? `${55 - 5 * k} minutes ago` : "now"), format: (y) => `${y} mg/dl`,
    ...picture(start, 0, first), answer,
  });

  const calm = make("button", { type: "button", className: "lc-reset" }, "Calm at 90");
  const row = "display: flex; flex-wrap: wrap; gap: 0.3rem 1.6rem; align-items: center; margin: 0.4rem 0 0.6rem";
  const controls = make("div", {}, make("label", {}, "Ring below ", level, " ", shown), make("label", {}, "Sensor silent ", silence), calm);
  controls.style.cssText = row;
  document.querySelector("#glucose-live .lc-says").before(controls);
  const again = () => {
    shown.value = `${level.value} mg/dl`;
    chart.set(chart.values());
  };
  level.addEventListener("input", again);
  silence.addEventListener("change", again);
  calm.addEventListener("click", () => chart.set(Array(MOVED).fill(90)));
})();
