# Reference answers for analysis/methods/cost_benefit.py, analysis/methods/fidelity.py and analysis/methods/coding.py.
# Run from this folder with `Rscript economics.R`; writes economics_data.csv and economics_answers.csv.
# Base R and the recommended package boot; formulas without a function in R are written out.

answers <- data.frame(quantity = character(), value = numeric())
keep <- function(quantity, value) {
  answers <<- rbind(answers, data.frame(quantity = quantity, value = unname(as.numeric(value))))
}

# ---- a small trial: who works in months 12 to 15, some people leaving before the end, and what measures cost --------
set.seed(20130331)
people <- 90
person <- sprintf("P%03d", seq_len(people))
arm <- rep(c("sfj", "control"), each = people / 2)
leaves <- sample(c(13, 14, 15), people, replace = TRUE, prob = c(0.15, 0.15, 0.7))
cost <- round(ifelse(runif(people) < 0.3, rgamma(people, 2, 1 / 15000), 0))
panel <- do.call(rbind, lapply(seq_len(people), function(i) {
  month <- 12:leaves[i]
  bent <- rnorm(1)
  full <- runif(length(month)) < plogis(-0.6 + 0.4 * (arm[i] == "sfj") + 1.5 * bent)
  any <- full | runif(length(month)) < 0.12
  data.frame(participant_id = person[i], arm = arm[i], month = month, in_work_no_benefits = full,
             fully_or_partly_in_work = any, measure_cost = cost[i])
}))
write.csv(panel, "economics_data.csv", row.names = FALSE, quote = FALSE)

# ---- mean of the monthly differences; variance by summing each person's influence over the months -------------------
months <- 12:15
window <- function(values, arm_of) {
  share <- tapply(values[panel$arm == arm_of], panel$month[panel$arm == arm_of], mean)
  size <- tapply(values[panel$arm == arm_of], panel$month[panel$arm == arm_of], length)
  own <- panel$arm == arm_of
  month <- as.character(panel$month[own])
  influence <- tapply((values[own] - share[month]) / size[month] / length(months), panel$participant_id[own], sum)
  n <- length(influence)
  c(mean(share), sum(influence^2) * n / (n - 1))
}
outcomes <- list(full_job = as.numeric(panel$in_work_no_benefits),
                 partial_job = panel$fully_or_partly_in_work - panel$in_work_no_benefits)
outcomes$weighted_job <- outcomes$full_job + 0.5 * outcomes$partial_job
for (name in names(outcomes)) {
  treated <- window(outcomes[[name]], "sfj")
  control <- window(outcomes[[name]], "control")
  estimate <- treated[1] - control[1]
  se <- sqrt(treated[2] + control[2])
  keep(paste0(name, c("_estimate", "_std_error", "_conf_low", "_conf_high", "_p")),
       c(estimate, se, estimate + c(-1, 1) * qnorm(0.975) * se, 2 * pnorm(-abs(estimate / se))))
}

# ---- net present value: three and a half years at 4 per cent, then with rates that step down -----------------------
W <- 397664.328; F <- 65152.56; U <- 333190.328; lambda <- 0.2
yearly <- W - F + lambda * U
flat <- sum(1 / 1.04^(1:3)) + 0.5 / 1.04^4
rate <- c(rep(0.04, 40), rep(0.03, 35), rep(0.02, 10))
steps <- sum(cumprod(1 / (1 + rate)))
keep("discounted_years_3_5", flat)
keep("discounted_years_85_steps", steps)
keep("npv_3_5_years", (0.044 + 0.5 * 0.024) * yearly * flat - (1 + lambda) * (37712 - 16800))

# ---- bootstrap: spread of the net value per person ------------------------------------------------------------------
one <- panel[!duplicated(panel$participant_id), ]
wide <- reshape(transform(panel, value = outcomes$weighted_job)[, c("participant_id", "arm", "month", "value")],
                idvar = c("participant_id", "arm"), timevar = "month", direction = "wide")
work <- as.matrix(wide[, -(1:2)])
net <- function(data, index) {
  by_arm <- sapply(c("sfj", "control"), function(a) {
    own <- index[wide$arm[index] == a]
    c(mean(colMeans(work[own, ], na.rm = TRUE)), mean(one$measure_cost[own]))
  })
  (by_arm[1, 1] - by_arm[1, 2]) * yearly / 1.04 - (1 + lambda) * (28000 + by_arm[2, 1] - by_arm[2, 2])
}
draws <- boot::boot(wide, net, R = 20000, strata = as.integer(factor(wide$arm)))
keep("bootstrap_estimate", draws$t0)
keep("bootstrap_std_error", sd(draws$t))

# ---- rank correlation, exact -----------------------------------------------------------------------------------------
pairs <- list(c(3, 1, 4, 2, 6, 5), c(6, 5, 4, 3, 1, 2), c(1, 2, 3, 4, 6, 5))
for (i in seq_along(pairs)) {
  test <- cor.test(1:6, pairs[[i]], method = "spearman", exact = TRUE)
  keep(paste0("spearman_", i, c("_rho", "_p")), c(test$estimate, test$p.value))
}

# ---- Cohen's kappa with the standard error of Fleiss, Cohen and Everitt (1969) ---------------------------------------
kappa <- function(table) {
  p <- table / sum(table)
  rows <- rowSums(p); columns <- colSums(p)
  chance <- sum(rows * columns)
  k <- (sum(diag(p)) - chance) / (1 - chance)
  diagonal <- sum(diag(p) * (1 - (rows + columns) * (1 - k))^2)
  off <- 0
  for (i in 1:2) for (j in 1:2) if (i != j) off <- off + p[i, j] * (columns[i] + rows[j])^2
  variance <- (diagonal + (1 - k)^2 * off - (k - chance * (1 - k))^2) / ((1 - chance)^2 * sum(table))
  c(k, sqrt(variance))
}
tables <- list(matrix(c(15, 5, 10, 20), 2), matrix(c(200, 6, 9, 31), 2))
for (i in seq_along(tables)) keep(paste0("kappa_", i, c("_estimate", "_std_error")), kappa(tables[[i]]))

file <- file("economics_answers.csv", "w")
writeLines(paste0("# ", R.version.string, "; economics.R"), file)
answers$value <- formatC(answers$value, digits = 12, format = "g", flag = "#")
write.csv(answers, file, row.names = FALSE, quote = FALSE)
close(file)
