# Reference answers for analysis/methods/cost_benefit_uncertainty.py and the fading effects of cost_benefit.py.
# Run from this folder with `Rscript cost_benefit_bcea.R BCEA`, where BCEA is a folder with the sources of the package
# BCEA (https://github.com/giabaio/BCEA, version in the first line of the answers). Its own functions work out the
# curves; only its plots, which need many other packages, are left aside. Base R, splines, dplyr, purrr and tidyr do the rest.
# Writes cost_benefit_bcea_data.csv and cost_benefit_bcea_answers.csv.

suppressPackageStartupMessages({library(dplyr); library(purrr); library(tidyr); library(rlang)})
bcea_folder <- commandArgs(trailingOnly = TRUE)[1]
for (name in c("compute_xxx", "best_interv_given_k", "bcea.default", "new_bcea", "setComparisons", "validate_bcea"))
  source(file.path(bcea_folder, "R", paste0(name, ".R")))
version <- read.dcf(file.path(bcea_folder, "DESCRIPTION"), "Version")[1]

answers <- data.frame(quantity = character(), value = numeric())
keep <- function(quantity, value) {
  answers <<- rbind(answers, data.frame(quantity = quantity, value = unname(as.numeric(value))))
}

# ---- draws of what two ways of follow-up bring and cost --------------------------------------------------------------
set.seed(20130402)
n <- 800
effect <- round(rnorm(n, 0.05, 0.03), 6)
duration <- round(runif(n, 0.5, 4), 6)
work <- round(effect * duration, 8)
cost <- round(rgamma(n, 20, 1 / 1100), 2)
value <- 390000
write.csv(data.frame(effect, duration, work, cost), "cost_benefit_bcea_data.csv", row.names = FALSE, quote = FALSE)

# ---- BCEA: acceptability, value of perfect information, mean cost of a further year, break-even value ----------------
k <- c(0, 100000, 200000, 300000, 390000, 600000)
he <- bcea.default(cbind(0, work), cbind(0, cost), ref = 2, k = k)
stopifnot(all.equal(as.numeric(he$k), k))
keep(paste0("acceptability_", format(k, scientific = FALSE, trim = TRUE)), he$ceac)
keep(paste0("evpi_", format(k, scientific = FALSE, trim = TRUE)), he$evi)
keep(paste0("eib_", format(k, scientific = FALSE, trim = TRUE)), he$eib)
keep("icer", he$ICER)

# ---- value of knowing one number: regression on a natural cubic spline, then as above --------------------------------
net <- value * work - cost
knowing <- function(x, net) {
  at <- quantile(x, seq(0, 1, 0.25))
  expected <- fitted(lm(net ~ splines::ns(x, knots = at[2:4], Boundary.knots = at[c(1, 5)])))
  mean(pmax(expected, 0)) - max(mean(expected), 0)
}
keep("knowing_effect", knowing(effect, net))
keep("knowing_duration", knowing(duration, net))

# ---- a hundred draws: here the line of the effect is worth more than knowing everything, which cannot be ----------------
few <- 1:100
dear <- 1200000
he <- bcea.default(cbind(0, work[few]), cbind(0, cost[few]), ref = 2, k = dear)
stopifnot(he$k == dear)
keep("few_evpi", he$evi)
keep("few_regression_effect", knowing(effect[few], dear * work[few] - cost[few]))

# ---- distributions by mean and the width of their middle 95 per cent -------------------------------------------------
p <- c(0.025, 0.5, 0.9)
spread <- function(low, high) (high - low) / (2 * qnorm(0.975))
s <- spread(150, 342); keep(paste0("gamma_", p), qgamma(p, shape = (246 / s)^2, rate = 246 / s^2))
s <- spread(0.1, 0.5); m <- 0.3; size <- m * (1 - m) / s^2 - 1
keep(paste0("beta_", p), qbeta(p, m * size, (1 - m) * size))
keep(paste0("normal_", p), qnorm(p, 5, spread(1, 9)))
keep(paste0("uniform_", p), qunif(p, 0.09, 0.5))
triangle <- function(p, low, mode, high) {
  split <- (mode - low) / (high - low)
  ifelse(p < split, low + sqrt(p * (high - low) * (mode - low)), high - sqrt((1 - p) * (high - low) * (high - mode)))
}
keep(paste0("triangular_", p), triangle(p, 0.5, 1, 5))

# ---- fading effects: gains from year g on that lose a share each year ------------------------------------------------
fading <- function(duration, g, decay, rate) {
  k <- 0:20
  sum(pmax(0, pmin(1, duration - k)) * (1 - decay)^k / (1 + rate)^(g + k))
}
for (g in c(0, 1, 3)) for (d in c(0, 0.25)) keep(sprintf("fading_3.5_%d_%g", g, d), fading(3.5, g, d, 0.04))

file <- file("cost_benefit_bcea_answers.csv", "w")
writeLines(paste0("# ", R.version.string, "; BCEA ", version, "; dplyr ", packageVersion("dplyr"),
                  "; cost_benefit_bcea.R"), file)
answers$value <- formatC(answers$value, digits = 12, format = "g", flag = "#")
write.csv(answers, file, row.names = FALSE, quote = FALSE)
close(file)
