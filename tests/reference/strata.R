# Reference answers for analysis/methods/strata.py, analysis/methods/standardisation.py and
# analysis/methods/randomisation.py.
# Run from this folder with `Rscript strata.R FOLDER`, FOLDER being a copy of the source of RobinCar 1.2.0, of which only
# R/adjust-mh.R is read (the package itself needs more than Debian has); beeca 0.2.0 and sandwich must be installed.
# Writes strata_data.csv, strata_small.csv and strata_answers.csv.
library(beeca)
source(file.path(commandArgs(TRUE)[1], "R", "adjust-mh.R"))

answers <- data.frame(quantity = character(), value = numeric())
keep <- function(quantity, value) {
  answers <<- rbind(answers, data.frame(quantity = quantity, value = unname(as.numeric(value))))
}

# ---- a trial whose ratio of the arms and level of the outcome both moved between two phases --------------------------
set.seed(20101)
n <- 360
people <- data.frame(
  centre = sample(c("a", "b", "c"), n, replace = TRUE),
  late = rbinom(n, 1, 0.7),
  age = round(runif(n, 18, 66), 1),
  woman = rbinom(n, 1, 0.6)
)
people$stratum <- paste(people$centre, people$late, sep = " / ")
people$treated <- 0
for (one in unique(people$stratum)) {
  own <- which(people$stratum == one)
  many <- round(length(own) * ifelse(people$late[own[1]] == 1, 1 / 2, 2 / 3))
  people$treated[sample(own, many)] <- 1
}
level <- -1.2 + 0.4 * people$treated + 0.7 * people$late + 0.5 * (people$centre == "b") + 0.02 * (people$age - 40)
people$in_work <- rbinom(n, 1, plogis(level + 0.3 * people$woman * people$treated))
people$months <- rbinom(n, 12, plogis(level))
write.csv(people, "strata_data.csv", row.names = FALSE, quote = FALSE)

# ---- Mantel–Haenszel, and standardised over strata -------------------------------------------------------------------
sums <- do.call(rbind, lapply(split(people, people$stratum), function(own) {
  y1 <- own$in_work[own$treated == 1]
  y0 <- own$in_work[own$treated == 0]
  data.frame(n.1k = length(y1), n.0k = length(y0), n11k = sum(y1), n10k = sum(y0), y1.k = mean(y1), y0.k = mean(y0),
             y1.var.k = var(y1), y0.var.k = var(y0))
}))
mh <- est.var.mh(sums, "MH", "mGR")
keep("mh_estimate", mh$estimate)
keep("mh_se", sqrt(mh$var_est))

by_stratum <- function(outcome) {
  do.call(rbind, lapply(split(people, people$stratum), function(own) {
    y1 <- own[[outcome]][own$treated == 1]
    y0 <- own[[outcome]][own$treated == 0]
    data.frame(n1 = length(y1), n0 = length(y0), gap = mean(y1) - mean(y0), v = var(y1) / length(y1) + var(y0) / length(y0))
  }))
}
people$months_share <- people$months / 12
for (outcome in c("in_work", "months_share")) {
  s <- by_stratum(outcome)
  for (weights in c("mantel_haenszel", "people")) {
    w <- if (weights == "people") s$n1 + s$n0 else s$n1 * s$n0 / (s$n1 + s$n0)
    d <- weighted.mean(s$gap, w)
    v <- sum(w^2 * s$v) / sum(w)^2
    keep(paste(outcome, weights, "estimate", sep = "_"), d)
    keep(paste(outcome, weights, "se", sep = "_"), sqrt(v))
    if (weights == "people") {
      total <- v + sum(w / sum(w) * (s$gap - d)^2) / n
      keep(paste(outcome, weights, "unconditional_se", sep = "_"), sqrt(total))
      keep(paste(outcome, weights, "p", sep = "_"), 2 * pnorm(-abs(d / sqrt(total))))
      keep(paste(outcome, weights, c("low", "high"), sep = "_"), d + c(-1, 1) * qnorm(0.975) * sqrt(total))
    }
  }
}

# ---- g-computation: beeca --------------------------------------------------------------------------------------------
people$arm <- factor(people$treated)
people$layer <- factor(people$stratum)
models <- list(covariates = in_work ~ arm + age + woman, strata = in_work ~ arm + age + woman + layer)
for (name in names(models)) {
  fit <- do.call(glm, list(formula = models[[name]], family = binomial, data = people,
                           control = glm.control(epsilon = 1e-13, maxit = 50)))
  ge <- get_marginal_effect(fit, trt = "arm", method = "Ge", type = "HC0", contrast = "diff", reference = "0")
  keep(paste0(name, "_estimate"), ge$marginal_est)
  keep(paste0(name, "_robust_se"), ge$marginal_se)
  ye <- if (name == "strata") {
    suppressWarnings(get_marginal_effect(fit, trt = "arm", strata = "layer", method = "Ye", contrast = "diff", reference = "0"))
  } else {
    get_marginal_effect(fit, trt = "arm", method = "Ye", contrast = "diff", reference = "0")
  }
  keep(paste0(name, "_unconditional_se"), ye$marginal_se)
}

# ---- augmented inverse-probability weighting -------------------------------------------------------------------------
fits <- lapply(c(1, 0), function(a) {
  glm(in_work ~ age + woman, family = binomial, data = people[people$treated == a, ],
      control = glm.control(epsilon = 1e-13, maxit = 50))
})
m1 <- predict(fits[[1]], people, type = "response")
m0 <- predict(fits[[2]], people, type = "response")
chance <- ave(people$treated, people$stratum)
phi <- m1 - m0 + people$treated * (people$in_work - m1) / chance - (1 - people$treated) * (people$in_work - m0) / (1 - chance)
keep("aipw_estimate", mean(phi))
# The influence when the chances are estimated: its projection on treatment within strata is taken off.
score <- people$treated - chance
away <- people$treated * (people$in_work - m1) / chance^2 + (1 - people$treated) * (people$in_work - m0) / (1 - chance)^2
for (one in unique(people$stratum)) {
  own <- people$stratum == one
  phi[own] <- phi[own] - mean(away[own]) * score[own]
}
keep("aipw_se", sd(phi) / sqrt(n))
one_chance <- mean(people$treated)
phi <- m1 - m0 + people$treated * (people$in_work - m1) / one_chance -
  (1 - people$treated) * (people$in_work - m0) / (1 - one_chance)
keep("aipw_without_strata_estimate", mean(phi))
keep("aipw_without_strata_se", sd(phi) / sqrt(n))

# ---- every possible draw of a small trial ----------------------------------------------------------------------------
small <- data.frame(
  stratum = rep(c("x", "y", "z"), c(5, 5, 4)),
  treated = c(1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0),
  in_work = c(1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0)
)
write.csv(small, "strata_small.csv", row.names = FALSE, quote = FALSE)
statistic <- function(treated) {
  parts <- sapply(unique(small$stratum), function(one) {
    y <- small$in_work[small$stratum == one]
    t <- treated[small$stratum == one]
    w <- sum(t) * sum(1 - t) / length(t)
    c(w, w * (mean(y[t == 1]) - mean(y[t == 0])), w^2 * (var(y[t == 1]) / sum(t) + var(y[t == 0]) / sum(1 - t)))
  })
  gap <- sum(parts[2, ])
  spread <- sum(parts[3, ])
  if (spread > 1e-12) gap / sqrt(spread) else if (abs(gap) > 1e-9) Inf else 0
}
observed <- statistic(small$treated)
ways <- lapply(unique(small$stratum), function(one) {
  t <- small$treated[small$stratum == one]
  combn(length(t), sum(t), function(chosen) as.numeric(seq_along(t) %in% chosen), simplify = FALSE)
})
drawn <- apply(expand.grid(lapply(ways, seq_along)), 1, function(place) {
  statistic(unlist(Map(function(way, at) way[[at]], ways, place)))
})
keep("small_statistic", observed)
keep("small_ways", length(drawn))
keep("small_p", mean(abs(drawn) >= abs(observed) - 1e-9))

answers$value <- format(answers$value, digits = 14, scientific = FALSE, trim = TRUE)
versions <- paste0(R.version.string, "; beeca ", packageVersion("beeca"), "; sandwich ", packageVersion("sandwich"),
                   "; RobinCar 1.2.0, R/adjust-mh.R")
file <- file("strata_answers.csv", "w")
writeLines(paste0("# ", versions, "; strata.R"), file)
write.csv(answers, file, row.names = FALSE, quote = FALSE)
close(file)
