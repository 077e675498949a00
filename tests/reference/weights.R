# Reference answers for the weights of analysis/methods: means, proportions, standardisation, survival, time_in_state.
# Run from this folder with `Rscript weights.R`; reads weights_data.csv (64 invented people), writes weights_answers.csv.
# R with survey, survival and numDeriv.

suppressPackageStartupMessages({library(survey); library(survival); library(numDeriv)})
answers <- data.frame(quantity = character(), value = numeric())
keep <- function(quantity, value) answers <<- rbind(answers, data.frame(quantity = quantity, value = unname(as.numeric(value))))
people <- read.csv("weights_data.csv")
people$treated <- as.numeric(people$arm == "new")
z <- qnorm(0.975)

# ---- means: the arms are strata of the sample ------------------------------------------------------------------------
known <- people[!is.na(people$score), ]
by_arm <- svydesign(ids = ~1, strata = ~arm, weights = ~weight, data = known)
means <- svyby(~score, ~arm, by_arm, svymean)
for (arm in c("new", "usual")) { keep(paste0("mean_", arm), means[arm, "score"]); keep(paste0("mean_se_", arm), SE(means)[means$arm == arm]) }
gap <- svyglm(score ~ treated, by_arm)
keep("gap", coef(gap)["treated"]); keep("gap_se", SE(gap)["treated"])
n <- table(known$arm); v <- setNames(SE(means)^2, means$arm)
df <- sum(v)^2 / (v["new"]^2 / (n["new"] - 1) + v["usual"]^2 / (n["usual"] - 1))
keep("gap_df", df); keep("gap_low", coef(gap)["treated"] - qt(0.975, df) * sqrt(sum(v)))
adjusted <- svyglm(score ~ treated + x, svydesign(ids = ~1, weights = ~weight, data = known))
keep("adjusted", coef(adjusted)["treated"]); keep("adjusted_se", SE(adjusted)["treated"])
keep("adjusted_p", 2 * pt(-abs(coef(adjusted)["treated"] / SE(adjusted)["treated"]), nrow(known) - 3))

# ---- shares: Wilson's interval of as many people drawn alike, Newcombe's of their difference ---------------------------
shares <- svyby(~works, ~arm, svydesign(ids = ~1, strata = ~arm, weights = ~weight, data = people), svymean)
wilson <- function(p, se) {
  n <- p * (1 - p) / se^2
  middle <- (p + z^2 / (2 * n)) / (1 + z^2 / n)
  middle + c(-1, 1) * z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2)) / (1 + z^2 / n)
}
told <- lapply(c("new", "usual"), function(arm) { p <- shares[arm, "works"]; se <- SE(shares)[shares$arm == arm]; c(p, se, wilson(p, se)) })
keep("share_new", told[[1]][1]); keep("share_se_new", told[[1]][2]); keep("share_low_new", told[[1]][3])
d <- told[[1]][1] - told[[2]][1]
keep("shares_gap", d)
keep("shares_low", d - sqrt((told[[1]][1] - told[[1]][3])^2 + (told[[2]][4] - told[[2]][1])^2))
keep("shares_high", d + sqrt((told[[1]][4] - told[[1]][1])^2 + (told[[2]][1] - told[[2]][3])^2))
keep("shares_z", d / sqrt(told[[1]][2]^2 + told[[2]][2]^2))

# ---- a logit standardised: every weight moved by a little ---------------------------------------------------------------
fit <- function(w) suppressWarnings(glm(works ~ treated + x + centre, binomial, transform(people, w = w), weights = w,
                                        control = glm.control(epsilon = 1e-14, maxit = 100)))
difference <- function(model, w) {
  foretold <- lapply(1:0, function(a) predict(model, transform(people, treated = a), type = "response"))
  sum(w * (foretold[[1]] - foretold[[2]])) / sum(w)
}
error <- function(estimator, w) sqrt(length(w) / (length(w) - 1) * sum((w * grad(estimator, w))^2))
w <- people$weight
keep("standardised", difference(fit(w), w))
keep("standardised_unconditional_se", error(function(v) difference(fit(v), v), w))
keep("standardised_robust_se", error(function(v) difference(fit(v), w), w))
svy <- svyglm(works ~ treated + x + centre, svydesign(ids = ~1, weights = ~weight, data = people), family = quasibinomial)
stopifnot(max(abs(coef(svy) - coef(fit(w)))) < 1e-8)

# ---- augmented weighting, the formula written out -------------------------------------------------------------------------
at <- function(values, own) ave(values * own * w, people$centre, FUN = sum) / ave(own * w, people$centre, FUN = sum)
share <- at(people$treated, rep(1, nrow(people)))
moved <- lapply(1:0, function(a) {
  own <- people$treated == a
  model <- suppressWarnings(glm(works ~ x, binomial, people[own, ], weights = w[own], control = glm.control(epsilon = 1e-14, maxit = 100)))
  mu <- predict(model, people, type = "response")
  mu <- mu + at(people$works - mu, as.numeric(own))
  mu + own * (people$works - mu) / (if (a) share else 1 - share)
})
phi <- moved[[1]] - moved[[2]]
keep("augmented", sum(w * phi) / sum(w))
keep("augmented_se", sqrt(nrow(people) / (nrow(people) - 1) * sum((w * (phi - sum(w * phi) / sum(w)) / sum(w))^2)))

# ---- restricted mean time to ten, every weight moved by a little ------------------------------------------------------------
area <- function(w, own, last = 10) {
  curve <- survfit(Surv(time, happened) ~ 1, transform(own, w = w), weights = w)
  before <- curve$time < last
  sum(c(1, curve$surv[before]) * diff(c(0, curve$time[before], last)))
}
for (arm in c("new", "usual")) {
  own <- people[people$arm == arm, ]
  keep(paste0("restricted_", arm), area(own$weight, own))
  keep(paste0("restricted_se_", arm), sqrt(sum((own$weight * grad(area, own$weight, own = own))^2)))
}

# ---- a rate of change: events over steps at risk ------------------------------------------------------------------------------
ratio <- svyratio(~happened, ~time, svydesign(ids = ~1, weights = ~weight, data = people[people$arm == "new", ]))
keep("rate", coef(ratio)); keep("rate_se", SE(ratio))

write.csv(transform(answers, value = format(value, digits = 15, trim = TRUE)), "weights_answers.csv", row.names = FALSE,
          quote = FALSE)
writeLines(c(R.version.string, paste(c("survey", "survival", "numDeriv"), sapply(c("survey", "survival", "numDeriv"),
  function(name) as.character(packageVersion(name))))), "weights_R_version.txt")
