// The cost–benefit calculator: the model of analysis/methods/cost_benefit.py in the reader's browser. What is changed
// stands in the address of the page. Without this script a page shows the study's own case.
const costBenefit = (() => {
  // Sum of the discounted years: 1 in the first, the share `decay` of it lost from each year to the next.
  const discountedYears = (c) => {
    let years = 0;
    let size = (1 + c.discount_rate) ** -c.first_year;
    for (let past = 0; past < Math.ceil(c.duration); past += 1) {
      years += Math.min(Math.max(c.duration - past, 0), 1) * size;
      size *= (1 - c.decay) / (1 + c.discount_rate);
    }
    return years;
  };

  const yearlyValue = (c) => c.production - c.leisure + c.cost_of_funds * c.public_savings;
  const netCost = (c) => (1 + c.cost_of_funds) * c.extra_cost;
  const effect = (c) => c.effect_full + c.partial_weight * c.effect_partial;

  const netPresentValue = (c) => effect(c) * yearlyValue(c) * discountedYears(c) - netCost(c);

  // Effect on full work at which nothing is gained or lost; NaN where no effect pays.
  const breakEvenEffect = (c) => {
    const value = yearlyValue(c) * discountedYears(c);
    return value > 0 ? netCost(c) / value - c.partial_weight * c.effect_partial : NaN;
  };

  // Years that the effects must last, or, of a cheaper programme that loses work, may last; 0 and Infinity as in Python.
  const breakEvenDuration = (c, longest = 1000) => {
    const yearly = yearlyValue(c) * effect(c);
    const cost = netCost(c);
    if (yearly * cost <= 0) return cost > 0 || yearly < 0 ? Infinity : 0;
    let factor = (1 + c.discount_rate) ** -c.first_year;
    let left = Math.abs(cost);
    for (let year = 1; year <= longest; year += 1) {
      const gain = Math.abs(yearly) * factor;
      if (gain >= left) return year - 1 + left / gain;
      left -= gain;
      factor *= (1 - c.decay) / (1 + c.discount_rate);
    }
    return Infinity;
  };

  // Quantile of sorted values, linear between two of them.
  const quantile = (sorted, share) => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  };

  // The interval: every draw of people, moved by as much as the reader moved what the trial measured.
  const band = (c, group, level) => {
    const names = Object.keys(group.draws);
    const value = yearlyValue(c) * discountedYears(c);
    const moved = Object.fromEntries(names.map((name) => [name, c[name] - group.start[name]]));
    const drawn = (name, draw) => group.draws[name][draw] / group.scales[name] + moved[name];
    const net = group.draws.extra_cost.map((_, draw) =>
      (drawn("effect_full", draw) + c.partial_weight * drawn("effect_partial", draw)) * value -
      (1 + c.cost_of_funds) * drawn("extra_cost", draw));
    net.sort((one, other) => one - other);
    return [quantile(net, (1 - level) / 2), quantile(net, (1 + level) / 2)];
  };

  // Half away from nought, forgiving the last bits of binary fractions, with a true minus, as the book prints numbers.
  const fixed = (value, decimals, language) => {
    const scale = 10 ** decimals;
    const sign = value < 0 ? -1 : 1;
    const rounded = (sign * Math.floor(Math.abs(value * scale + sign * 1e-9) + 0.5)) / scale + 0;
    const shown = Math.max(decimals, 0);
    const format = { minimumFractionDigits: shown, maximumFractionDigits: shown };
    return new Intl.NumberFormat(language, format).format(rounded || 0).replace("-", "−");
  };

  return { netPresentValue, breakEvenEffect, breakEvenDuration, band, fixed };
})();
window.costBenefit = costBenefit;

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("section.calculator").forEach((section) => {
    const told = JSON.parse(section.querySelector("script").textContent);
    const form = section.querySelector("form");
    const choice = form.elements.namedItem("group");
    const inputs = Object.keys(told.fields).map((name) => form.elements.namedItem(name));
    const answer = section.querySelector("[role=status]");
    const parameter = (name) => `${section.id}.${name}`;
    const number = (value, decimals) => costBenefit.fixed(value, decimals, told.language);

    const group = () => told.groups.find(({ code }) => code === choice.value);
    const asShown = (name) => {
      const { factor, decimals } = told.fields[name];
      return (factor * group().start[name]).toFixed(decimals);
    };
    const isChanged = (input) => input.value !== asShown(input.name);

    // What the model takes: the study's own number, with all its decimals, where the reader left what is shown.
    const given = () => {
      const own = Object.fromEntries(inputs.filter(isChanged)
        .map(({ name, valueAsNumber }) => [name, valueAsNumber / told.fields[name].factor]));
      return { first_year: told.firstYear, ...group().value, ...group().start, ...own };
    };

    const filled = (name, values) =>
      Object.entries(values).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, value), told.words[name]);
    const kroner = (amounts) => (Math.min(...amounts.map(Math.abs)) >= 100 ? -2 : 0);

    const sentences = (c) => {
      const net = costBenefit.netPresentValue(c);
      const ends = costBenefit.band(c, group(), told.level);
      const places = kroner([net, ...ends]);
      const sign = ends[0] > 0 ? "gain" : ends[1] < 0 ? "loss" : "unclear";
      const [npv, low, high] = [net, ...ends].map((amount) => number(amount, places));
      const said = [filled(sign, { npv, low, high })];
      if ("participants" in told.fields) {
        said.push(filled("total", { total: number((net * c.participants) / 1e6, 1), cases: number(c.participants, 0) }));
      }
      const even = costBenefit.breakEvenEffect(c);
      said.push(Number.isNaN(even) ? told.words.no_effect : filled("even", { even: number(100 * even, 1) }));
      const years = costBenefit.breakEvenDuration(c);
      const cheaper = c.extra_cost < 0;
      if (years === Infinity) said.push(told.words[cheaper ? "always" : "never"]);
      else if (years === 0) said.push(told.words.always);
      else said.push(filled(cheaper ? "years_at_most" : "years", { years: number(years, 1) }));
      return said;
    };

    const label = (input) => form.querySelector(`label[for="${input.id}"]`).textContent;

    // A number between two steps of the arrows is a number, too.
    const isWrong = ({ validity }) =>
      validity.badInput || validity.valueMissing || validity.rangeUnderflow || validity.rangeOverflow;

    const show = () => {
      inputs.forEach((input) => input.setAttribute("aria-invalid", String(isWrong(input))));
      const wrong = inputs.filter(isWrong);
      const values = (input) => ({ field: label(input), least: number(Number(input.min), 0), most: number(Number(input.max), 0) });
      const said = wrong.length ? wrong.map((input) => filled("wrong", values(input))) : sentences(given());
      answer.replaceChildren(...said.map((text, place) => {
        const line = document.createElement("p");
        line.textContent = text;
        if (!place) line.className = "calculator-result";
        return line;
      }));
    };

    const restart = () => inputs.forEach((input) => { input.value = asShown(input.name); });

    const remember = () => {
      const url = new URL(window.location);
      const put = (name, value) =>
        value ? url.searchParams.set(parameter(name), value) : url.searchParams.delete(parameter(name));
      put("group", choice.value === told.groups[0].code ? "" : choice.value);
      inputs.forEach((input) => put(input.name, isChanged(input) ? input.value : ""));
      window.history.replaceState(null, "", url);
    };

    const asked = new URLSearchParams(window.location.search);
    const wanted = asked.get(parameter("group"));
    if (told.groups.some(({ code }) => code === wanted)) choice.value = wanted;
    restart();
    inputs.forEach((input) => { input.value = asked.get(parameter(input.name)) ?? input.value; });

    choice.addEventListener("change", restart);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      choice.value = told.groups[0].code;
      restart();
      show();
      remember();
    });
    form.addEventListener("input", () => { show(); remember(); });
    form.addEventListener("change", () => { show(); remember(); });
    form.hidden = false;
    answer.parentElement.hidden = false;
    show();
  });
});
